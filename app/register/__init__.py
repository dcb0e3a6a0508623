"""The requirement register: search with operators, saved views, bulk hand-over, exports."""
