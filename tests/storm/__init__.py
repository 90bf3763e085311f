"""The storm: two services on one Postgres, faults of every kind, and an outside record of what must be held.

    press (loopback outlets) <── services (`ingester run`) ──> proxy ──> Postgres (embedded)
         ├── chosen fates                 ▲ faults ─────────────▲──────────▲
         └── record of what was said      │                     │          │
                     └────────── checks ──┴── log lines         └── tables ┘

Nothing here is part of the product, and nothing of the product is replaced but in `variants`, which
are broken on purpose, and which the checks must catch. `python -m tests.storm` runs the long one.
"""
