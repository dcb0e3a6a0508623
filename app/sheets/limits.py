"""How much of a table is taken."""

MOST_ROWS = 20_000  # without the heading
MOST_COLUMNS = 100
# Fewer than rows times columns, so that a table that keeps both limits still costs seconds and not minutes.
MOST_CELLS = 400_000
LONGEST_CELL = 32_767  # what a spreadsheet's cell holds
