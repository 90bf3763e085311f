"""What the figures of a benchmark have to show, and whether they do."""

import sys
from collections.abc import Sequence
from typing import NamedTuple


class Promise(NamedTuple):
    """A figure, and the least or the most that it may be."""

    row: str
    found: float
    bound: float
    most: bool = False

    def margin(self) -> float:
        """How far it is on the right side of its bound; below 0 on the wrong one."""
        return self.bound - self.found if self.most else self.found - self.bound

    def kept(self) -> bool:
        """Whether the figure is what was promised; one that is not a number is not."""
        return self.found <= self.bound if self.most else self.found >= self.bound

    def __str__(self) -> str:
        return (
            f"{self.row}: {self.found:.4g}, {'at most' if self.most else 'at least'} {self.bound:g}"
        )


def judge(promises: Sequence[Promise]) -> None:
    """Print how many are kept; exit with 1 where one is not, and name it."""
    broken = [promise for promise in promises if not promise.kept()]
    print(f"\n{len(promises) - len(broken)} of {len(promises)} promises are kept", flush=True)
    if broken:
        sys.exit("\n".join(f"not kept: {promise}" for promise in broken))
