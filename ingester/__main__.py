"""`python -m ingester`: the same commands as the `ingester` script."""

from ingester.cli import main

if __name__ == "__main__":
    main()
