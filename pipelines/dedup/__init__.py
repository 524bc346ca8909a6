"""Deduplicate a file of documents with the functions of the steps of a run: `astrocorpus dedup`."""
