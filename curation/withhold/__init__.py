"""Keeping benchmark sources out of training data. Only decisions withhold; here matches are found and told."""
