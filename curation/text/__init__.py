"""What several stages need of text: words and hashes, Markdown blocks, spans."""
