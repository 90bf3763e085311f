"""The turns with hosts, kept in memory: what the archive keeps for all processes, for one of them."""

import threading
import time
from collections import defaultdict
from datetime import timedelta


class Memory:
    """Turns of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers: defaultdict[str, int] = defaultdict(int)
        self._delays: defaultdict[str, float] = defaultdict(float)
        self._free: dict[str, float] = {}

    def take(self, host: str, lease_s: float) -> int | timedelta:
        with self._lock:
            left = self._free.get(host, 0) - time.monotonic()
            if left > 0:
                return timedelta(seconds=left)
            self._free[host] = time.monotonic() + lease_s
            self._numbers[host] += 1
            return self._numbers[host]

    def give(
        self, host: str, turn: int, pause_s: float, delay_s: float | None, rest_s: float
    ) -> None:
        with self._lock:
            if delay_s is not None:
                self._delays[host] = delay_s
            if self._numbers[host] == turn:
                self._free[host] = time.monotonic() + max(pause_s, rest_s, self._delays[host])
