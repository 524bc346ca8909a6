"""From decisions to a release: verdicts per tier, shards, the one Parquet writer."""
