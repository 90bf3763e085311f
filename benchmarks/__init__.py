"""What the product costs and gives, measured beside its peers: run by `make bench...`."""
