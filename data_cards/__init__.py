"""The data card of a release: figures collected, rendered and signed."""
