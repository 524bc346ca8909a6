"""Papers to text: LaTeX, PDF and OCR, the router between them, and the sandbox that they run in."""
