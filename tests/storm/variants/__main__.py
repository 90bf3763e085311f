"""Run the product with one variant's queries."""

import sys

from tests.storm.variants import main

if __name__ == "__main__":  # a child process of the product imports this module too
    main(*sys.argv[1:])
