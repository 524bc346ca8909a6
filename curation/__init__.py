"""What can be done to papers: pure functions and steps on Arrow tables. Knows no run folder and no executor."""
