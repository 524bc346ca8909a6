"""One paper at a time in a process that may die: its limits, what it is shut out of, whose failure its end is."""
