"""How well grouping does on labelled articles and pairs: the product's own path, measured."""
