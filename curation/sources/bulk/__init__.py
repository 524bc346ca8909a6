"""arXiv's bulk data: tars of a month's papers in a bucket whose reader pays, and the manifests that list them."""
