"""Signed article and its neighbours -> relations, stories, events, canonical choice: all pure."""

from ingester.stories.compare import RULE
from ingester.stories.decide import decide, regroup

__all__ = ["RULE", "decide", "regroup"]
