"""Awards: prepared or decided in silence, conferred, certified, and ended."""
