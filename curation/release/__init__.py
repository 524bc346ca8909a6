"""From verdicts to a release: what each tier takes, the licence gate, shards, publishing."""
