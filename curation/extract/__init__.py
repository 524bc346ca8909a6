"""Papers to text: LaTeX, PDF and OCR and the router between them."""
