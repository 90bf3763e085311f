"""The frozen values that walk down the path, in walking order: feed, entry, page, article, story.

    incoming   feeds and entries, requests and their answers, pages; a time as claimed
    article    a page read, clean text and metadata, what they are found by
    grouping   what grouping sees of articles; relations, stories and events
    outcomes   what became of an item, and why

All times are aware and in UTC. No value is ever half-filled: where something is not known its
type says so with `None`, which means "not known", never "not yet".
"""

from ingester.models.article import (
    Agency,
    Article,
    Cut,
    Draft,
    Form,
    Metadata,
    Place,
    Signed,
    Vector,
)
from ingester.models.grouping import (
    ArticleId,
    Candidate,
    Decision,
    EventId,
    EventPlacement,
    Member,
    Neighbourhood,
    Overlap,
    Pair,
    Passage,
    Placement,
    Relation,
    RelationKind,
    StoryId,
    StoryPlacement,
)
from ingester.models.incoming import (
    ClaimedEntry,
    ClaimedFeed,
    EntryId,
    FeedId,
    FeedItem,
    Imported,
    Incoming,
    Moment,
    Page,
    ParsedFeed,
    Request,
    Reread,
    Response,
    Token,
    Visit,
)
from ingester.models.outcomes import Failed, Outcome, Reason, Step

__all__ = [
    "Agency",
    "Article",
    "ArticleId",
    "Candidate",
    "ClaimedEntry",
    "ClaimedFeed",
    "Cut",
    "Decision",
    "Draft",
    "EntryId",
    "EventId",
    "EventPlacement",
    "Failed",
    "FeedId",
    "FeedItem",
    "Form",
    "Imported",
    "Incoming",
    "Member",
    "Metadata",
    "Moment",
    "Neighbourhood",
    "Outcome",
    "Overlap",
    "Page",
    "Pair",
    "ParsedFeed",
    "Passage",
    "Place",
    "Placement",
    "Reason",
    "Relation",
    "RelationKind",
    "Request",
    "Reread",
    "Response",
    "Signed",
    "Step",
    "StoryId",
    "StoryPlacement",
    "Token",
    "Vector",
    "Visit",
]
