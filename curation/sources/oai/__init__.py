"""arXiv by OAI-PMH: what its server answers, and a harvester that leaves no gap (https://info.arxiv.org/help/oa/index.html)."""
