"""Deduplication: which documents say the same, which copy is best. Steps mark; only `decide` drops."""
