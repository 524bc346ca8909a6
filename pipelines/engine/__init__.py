"""Runs steps over a run folder: stages, receipts, fingerprints, executors, the ledger."""
