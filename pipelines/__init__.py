"""What runs: configs become stages, stages become tables in a run folder."""
