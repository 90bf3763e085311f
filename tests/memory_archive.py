"""An archive in memory that reads neighbourhoods as the store does, to try grouping without Postgres."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count

from ingester import minhash, stories
from ingester.models import (
    Article,
    ArticleId,
    Candidate,
    EventId,
    Form,
    Member,
    Moment,
    Neighbourhood,
    Placement,
    Relation,
    Signed,
    StoryId,
)
from ingester.settings import Grouping

FIRST_SEEN = datetime(2026, 1, 1, tzinfo=UTC)


def article(text: str, **known: object) -> Article:
    """An article of which only the text is known, and what else is given."""
    blank = Article(
        title=None, text=text, signed_text=text, description=None, authors=(), published=None,
        modified=None, agency=None, outlet=None, section=None, language="en", canonical_url=None,
        image=None, form=Form.ARTICLE, removed=(), watched=(), extractor="test", confidence=1.0,
        sources={},
    )  # fmt: skip
    return replace(blank, **known)  # type: ignore[arg-type]  # a test names the fields


def on(day: str) -> Moment:
    """A date as precise as it is written."""
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return Moment(at, "day" if len(day) == len("2026-01-01") else "minute", True, "test", day)


@dataclass
class MemoryArchive:
    """Articles by id, and the groups that `decide` has put them in."""

    rule: Grouping = field(default_factory=Grouping)
    decide: Callable[[Candidate, Neighbourhood, Grouping], Placement] = stories.decide
    ids: Iterable[int] = field(default_factory=lambda: count(1))
    articles: dict[ArticleId, Candidate] = field(default_factory=dict)
    canonical: dict[StoryId, ArticleId] = field(default_factory=dict)
    relations: dict[tuple[ArticleId, ArticleId], Relation] = field(default_factory=dict)
    keys: dict[tuple[str, object], list[ArticleId]] = field(
        default_factory=lambda: defaultdict(list)
    )
    stopped: dict[int, list[ArticleId]] = field(default_factory=dict)
    last: Placement | None = None
    _names: Iterable[int] = field(default_factory=lambda: count(1))

    def place(self, url: str, signed: Signed) -> ArticleId:
        """Group one article as `store.place` does; a known URL's article is revised."""
        before = self.find(url)
        former: tuple[ArticleId, ...] = ()
        new = _candidate(before or ArticleId(next(iter(self.ids))), url, signed)
        if before is not None:
            old = self.articles[before].member
            moved = replace(new.member, story_id=old.story_id, event_id=old.event_id)
            new = replace(new, member=moved)
            former = self._forget(before)
        self.last = self.decide(new, self.neighbourhood(new, signed, former), self.rule)
        self.articles[new.member.id] = new
        self._index(new.member.id, signed)
        self._write(self.last)
        return new.member.id

    def find(self, url: str) -> ArticleId | None:
        """The article of this URL."""
        return next((i for i, known in self.articles.items() if known.member.url == url), None)

    def neighbourhood(
        self, new: Candidate, signed: Signed, former: tuple[ArticleId, ...]
    ) -> Neighbourhood:
        """What the store would read around this article."""
        found = self.candidates(new.member.id, signed)
        near = self._reachable(
            found | set(former) | ({new.member.id} if new.member.story_id else set())
        )
        events = {self.articles[id_].member.event_id for id_ in near if id_ in self.articles}
        members = {
            id_: known.member for id_, known in self.articles.items()
            if known.member.event_id in events and id_ != new.member.id
        }  # fmt: skip
        return Neighbourhood(
            candidates=tuple(self.articles[id_] for id_ in sorted(found)),
            members=tuple(members.values()),
            edges={
                (a, b): relation.story_score
                for (a, b), relation in self.relations.items()
                if relation.story_score > 0 and a in members and b in members
            },
            decisions=(),
            canonical={
                m.story_id: self.canonical[m.story_id] for m in members.values() if m.story_id
            },
            former=former,
        )

    def candidates(self, own: ArticleId, signed: Signed) -> set[ArticleId]:
        """Whom the store finds, in the same bounds (candidates.sql)."""
        live = [key for key in signed.keys if key not in self.stopped]
        met = Counter(id_ for key in live for id_ in self.keys["signature", key])
        led = Counter(id_ for key in signed.keys for id_ in self.stopped.get(key, ()))
        self._stop(live, len(met))
        most = self.rule.candidates
        hits = Counter({id_: 1000 * count for id_, count in (met + led).items()})
        hits.update(dict(_likeliest(self._sharing_terms(signed), most)))
        hits.update(dict.fromkeys(sorted(self.keys["body", signed.body_sha256])[:most], 10**6))
        del hits[own]
        return {id_ for id_, _ in _likeliest(hits, self.rule.component)}

    def _stop(self, live: Iterable[int], met: int) -> None:
        if met >= self.rule.bucket:
            borne = {key: sorted(self.keys["signature", key]) for key in live}
            full = {key: ids[:3] for key, ids in borne.items() if len(ids) >= self.rule.bucket}
            self.stopped |= full

    def _sharing_terms(self, signed: Signed) -> Counter[ArticleId]:
        newest = -self.rule.term_bucket
        shared = Counter(id_ for key in signed.term_keys for id_ in self.keys["term", key][newest:])
        return Counter({id_: count for id_, count in shared.items() if count > 1})

    def stories(self) -> set[frozenset[str]]:
        """The stories, as sets of URLs."""
        return self._groups("story_id")

    def events(self) -> set[frozenset[str]]:
        """The events, as sets of URLs."""
        return self._groups("event_id")

    def kinds(self) -> dict[frozenset[str], str]:
        """Each related pair's kind of relation."""
        url = {id_: known.member.url for id_, known in self.articles.items()}
        return {frozenset((url[a], url[b])): r.kind for (a, b), r in self.relations.items()}

    def _groups(self, name: str) -> set[frozenset[str]]:
        groups = defaultdict(set)
        for known in self.articles.values():
            groups[getattr(known.member, name)].add(known.member.url)
        return {frozenset(group) for group in groups.values()}

    def _reachable(self, start: set[ArticleId]) -> set[ArticleId]:
        reached, waiting = set(start), list(start)
        neighbours = defaultdict(set)
        for (a, b), relation in self.relations.items():
            if relation.story_score >= self.rule.join:
                neighbours[a].add(b)
                neighbours[b].add(a)
        while waiting:
            new = neighbours[waiting.pop()] - reached
            reached |= new
            waiting.extend(new)
        return reached

    def _index(self, id_: ArticleId, signed: Signed) -> None:
        for kind, keys in (
            ("signature", [key for key in signed.keys if key not in self.stopped]),
            ("term", signed.term_keys),
            ("body", (signed.body_sha256,)),
        ):
            for key in keys:
                self.keys[kind, key].append(id_)

    def _forget(self, id_: ArticleId) -> tuple[ArticleId, ...]:
        former = tuple(
            a if b == id_ else b for (a, b), relation in self.relations.items()
            if id_ in {a, b} and relation.story_score >= self.rule.join
        )  # fmt: skip
        self.relations = {pair: r for pair, r in self.relations.items() if id_ not in pair}
        for ids in self.keys.values():
            ids[:] = [other for other in ids if other != id_]
        return former

    def _write(self, placement: Placement) -> None:
        self.relations |= {(r.a, r.b): r for r in placement.relations}
        for event in placement.events:
            event_id = event.event_id or EventId(next(iter(self._names)))
            for id_ in event.articles:
                self._move(id_, event_id=event_id)
        for story in placement.stories:
            story_id = story.story_id or StoryId(next(iter(self._names)))
            self.canonical[story_id] = story.canonical
            for id_ in story.articles:
                self._move(id_, story_id=story_id)

    def _move(self, id_: ArticleId, **to: int) -> None:
        known = self.articles[id_]
        self.articles[id_] = replace(known, member=replace(known.member, **to))  # type: ignore[arg-type]


def _likeliest(hits: Counter[ArticleId], most: int) -> list[tuple[ArticleId, int]]:
    return sorted(hits.items(), key=lambda hit: (-hit[1], hit[0]))[:most]


def sign(text: str, seed: int = 1, rule: Grouping | None = None, **known: object) -> Signed:
    """A text as the ingester would sign it."""
    return minhash.sign(article(text, **known), seed, rule or Grouping())


def _candidate(id_: ArticleId, url: str, signed: Signed) -> Candidate:
    known = signed.article
    member = Member(
        id=id_, rank=hashlib.sha256(url.encode()).digest(), url=url, outlet=known.outlet or "",
        language=known.language, published=known.published, first_seen=FIRST_SEEN,
        canonical_url=known.canonical_url, agency=known.agency.name if known.agency else None,
        tokens=signed.tokens, vector=signed.vector, story_id=None, event_id=None,
    )  # fmt: skip
    return Candidate(member, signed.body_sha256, known.signed_text)
