"""`why`: the evidence between two articles."""

from collections.abc import Iterator
from datetime import timedelta
from textwrap import shorten
from typing import Any

import click

from ingester import store
from ingester.cli.opening import archive
from ingester.cli.options import Options
from ingester.cli.output import cell, span, table, write_json
from ingester.errors import ConfigurationError
from ingester.models import Passage
from ingester.settings import Grouping
from ingester.stories import compare

_QUOTED = 200
"""Characters of a passage that are quoted."""

_KINDS = {
    "identical": "They say the same, word for word: copies of one text.",
    "copy": "They are copies of one text, edited.",
    "partial": "Passages of one stand in the other; each is a text of its own.",
    "same_event": "They are independent reports of one event.",
}


@click.command()
@click.argument("one", metavar="A")
@click.argument("other", metavar="B")
@click.option("--json", "as_json", is_flag=True, help="The evidence as one line of JSON.")
@click.pass_obj
def why(options: Options, one: str, other: str, as_json: bool) -> None:
    """The evidence that links two articles, or what is missing.

    A and B are article ids or URLs. Shows the scores, how much of each text stands in the other,
    the passages themselves, who was first, and where no relation links the two directly, the chain
    of articles that does.

    \b
    Examples:
      ingester why 12 57
      ingester why https://a.example/news/1 https://b.example/x --json
    """
    with archive(options.start()) as held:
        for reference in (one, other):
            article(held, reference)
        found = store.why(held, one, other)
        assert found is not None  # noqa: S101 - both are held
    if as_json:
        write_json(_as_json(found))
    else:
        click.echo("\n\n".join(_words(found, held.settings.grouping)))


def article(held: store.Archive, reference: str) -> store.Row:
    """The article that an id or a URL means; raises ConfigurationError where none is held."""
    found = store.find(held, reference)
    if found is None:
        raise ConfigurationError(
            f"no article {reference}; ids and URLs stand in story_copy, and what became "
            "of other URLs in url_fate"
        )
    return found


def _words(found: store.Why, rule: Grouping) -> Iterator[str]:
    """The paragraphs of the answer."""
    yield _article("A", found.a)
    if found.a.id == found.b.id:
        yield "A and B are the same article."
        return
    yield _article("B", found.b)
    yield f"{_verdict(found, rule)}{_decided(found)}\n{_direction(found.a, found.b)}"
    yield _scores(found, rule)
    quoted = _quoted(found)
    if quoted:
        yield f"Passages in both ({len(quoted)}), as A has them:\n" + "\n".join(quoted)


def _article(name: str, row: store.Row) -> str:
    when = f"published {cell(row.published_at)}" if row.published_at else "claims no time"
    place = f"story {row.story_id}{', canonical' if row.is_canonical else ''}, event {row.event_id}"
    lines = (f"article {row.id}, {row.outlet}, {when}", row.title, row.url, place)
    return f"{name}  " + "\n   ".join(line for line in lines if line)


def _verdict(found: store.Why, rule: Grouping) -> str:
    a, b = found.a, found.b
    together = _together(a, b)
    if found.relation is not None:
        return f"{_KINDS[found.relation.kind]} {together}"
    if found.path:
        return f"Nothing links them directly; others do: {_chain(found.path)}. {together}"
    return f"Nothing links them. {together} {_missing(a, b, rule)}"


def _decided(found: store.Why) -> str:
    """What a person said of the two, on a line of its own; nothing where nobody did."""
    if found.decision is None:
        return ""
    said = "joined them" if found.decision.kind == "join" else "split them"
    return f"\nA person {said} on {cell(found.decision.at)}: {found.decision.reason}"


def _together(a: store.Row, b: store.Row) -> str:
    if a.story_id == b.story_id:
        return f"Both are in story {a.story_id}."
    if a.event_id == b.event_id:
        return f"Different stories, both of event {a.event_id}."
    return "Different stories, of different events."


def _chain(path: tuple[int, ...]) -> str:
    return " - ".join(f"article {id_}" for id_ in path)


def _missing(a: store.Row, b: store.Row, rule: Grouping) -> str:
    shared = compare.measure(a.signed_text, b.signed_text).shared
    if shared < rule.min_shared:
        return (
            f"Their texts share {shared} runs of five words; under {rule.min_shared} is no sign of copying, "
            "and their subjects are not alike enough for one event."
        )
    return f"Their texts share {shared} runs of five words, too small a part of either."


def _direction(a: store.Row, b: store.Row) -> str:
    """Who was first, by the times that the two claim; where one claims none, only when they came."""
    lag = lag_of(a, b)
    first, second = ("A", "B") if lag >= timedelta() else ("B", "A")
    if a.published_at is None or b.published_at is None:
        return f"Who was first is not known; {first} was seen here {span(lag)} before {second}."
    return (
        f"{first} was first; {second} came {span(lag)} later."
        if lag
        else "Both claim the same time."
    )


def lag_of(a: store.Row, b: store.Row) -> timedelta:
    """How long b came after a, by claimed times, or where one claims none, by when they were seen."""
    if a.published_at is None or b.published_at is None:
        return timedelta(seconds=(b.first_seen_at - a.first_seen_at).total_seconds())
    return timedelta(seconds=(b.published_at - a.published_at).total_seconds())


def _scores(found: store.Why, rule: Grouping) -> str:
    held = found.relation
    overlap = held or compare.measure(found.a.signed_text, found.b.signed_text)
    rows = [
        ("A's five-word runs that stand in B", _percent(overlap.containment_a), ""),
        ("B's five-word runs that stand in A", _percent(overlap.containment_b), ""),
        ("five-word runs in both", cell(overlap.shared), f"at least {rule.min_shared}"),
        ("five-word runs in both, of those in either", _percent(overlap.jaccard), ""),
        ("three-word runs of the smaller text in the other", _percent(overlap.containment3), ""),
        ("three-word runs of one's lead in the other", _percent(overlap.lead3), ""),
    ]
    if held:
        rows += [
            ("story score", cell(held.story_score), f"{rule.join:g} joins a story"),
            ("event score", cell(held.event_score), f"{rule.event_join:g} joins an event"),
            ("rule", held.rule, f"judged {cell(held.at)}"),
        ]
    return table(("measure", "value", "wanted"), rows)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _quoted(found: store.Why) -> list[str]:
    lines = []
    for passage in _passages(found):
        quote = found.a.signed_text[passage.a_start : passage.a_end]
        lines.append(f"  - {shorten(quote, _QUOTED, placeholder=' ...')}")
    return lines


def _passages(found: store.Why) -> list[Passage]:
    if found.relation is not None and found.relation.passages:
        return [Passage(*offsets) for offsets in found.relation.passages]
    return list(compare.passages(found.a.signed_text, found.b.signed_text))


def _as_json(found: store.Why) -> dict[str, Any]:
    relation = found.relation._asdict() if found.relation is not None else None
    return {
        "a": _shown(found.a),
        "b": _shown(found.b),
        "same_story": found.a.story_id == found.b.story_id,
        "same_event": found.a.event_id == found.b.event_id,
        "relation": relation,
        "decision": found.decision._asdict() if found.decision is not None else None,
        "path": list(found.path),
        "passages": [found.a.signed_text[p.a_start : p.a_end] for p in _passages(found)],
        "lag_s": lag_of(found.a, found.b).total_seconds(),
    }


def _shown(row: store.Row) -> dict[str, Any]:
    return {name: value for name, value in row._asdict().items() if name != "signed_text"}
