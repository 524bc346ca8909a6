"""Verifiers: each looks at one pair and says whether it stands. Pure functions, from cheap to dear."""
