"""What is given out of a programme: papers, workbooks, files."""
