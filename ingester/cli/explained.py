"""How what became of a page is told: as a line of JSON, or for people to read."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ingester.cli.output import write_json
from ingester.models import Article, Cut, Failed

_KEPT, _CUT, _SOFT = "", "-", "~"
_STYLES = {_KEPT: "", _CUT: "red", _SOFT: "yellow"}
_MEANING = "- is cut; ~ stays in the text, and out of what copies are found by"


def write(name: object, _: Sequence[str], result: Article | Failed) -> None:
    """Write one row's outcome on stdout, as one line of JSON."""
    said = error(result) if isinstance(result, Failed) else _said(result)
    write_json({"id": name, **said})


def show(name: object, lines: Sequence[str], result: Article | Failed) -> None:
    """Show one row's outcome on stdout; `lines` are those that the article was made of, as read."""
    console = Console(highlight=False)
    console.print(Text(f"── {name} ──", "bold"))
    if isinstance(result, Failed):
        console.print(Text(f"no article: {result.reason}: {result.detail}"))
    else:
        console.print(_facts(result))
    if lines:
        cuts = () if isinstance(result, Failed) else result.removed
        console.print("", _text(lines, cuts), Text(_MEANING, "dim"), sep="\n")
    console.print()


def error(failed: Failed) -> dict[str, Any]:
    """Why a row gave nothing."""
    return {"error": {"reason": failed.reason.value, "detail": failed.detail}}


def _said(article: Article) -> dict[str, Any]:
    return {
        **_fields(article),
        "text": article.text,
        "extractor": article.extractor,
        "confidence": round(article.confidence, 3),
        "sources": _sources(article),
        "removed": [
            {"kind": cut.kind, "line": cut.line, "text": cut.text, "soft": cut.soft}
            for cut in article.removed
        ],
    }


def _fields(article: Article) -> dict[str, Any]:
    """What an article says, by name; times in ISO 8601, as precise as the page says."""
    return {
        "title": article.title,
        "published": article.published and article.published.isoformat(),
        "modified": article.modified and article.modified.isoformat(),
        "authors": list(article.authors),
        "outlet": article.outlet,
        "agency": article.agency and article.agency.name,
        "language": article.language,
        "section": article.section,
        "description": article.description,
        "canonical_url": article.canonical_url,
        "image": article.image,
        "form": article.form,
    }


def _sources(article: Article) -> dict[str, str]:
    """Where each field was found; for the agency the words that credit it."""
    found = dict(article.sources)
    for name, moment in (("published", article.published), ("modified", article.modified)):
        found |= {name: moment.source} if moment else {}
    return found | ({"agency": article.agency.evidence} if article.agency else {})


def _facts(article: Article) -> Table:
    """What was found, each with its place, and by their names the fields that were not."""
    shown = Table.grid(padding=(0, 2))
    where, told = _sources(article), _fields(article)
    told["text"], where["text"] = article.extractor, f"confidence {article.confidence:.0%}"
    for name, value in told.items():
        if value:
            said = ", ".join(value) if isinstance(value, list) else value
            shown.add_row(Text(name, "bold"), Text(said), Text(where.get(name, ""), "cyan"))
    missing = ", ".join(name for name, value in told.items() if not value)
    shown.add_row(Text("not found", "bold"), Text(missing or "nothing"), "")
    return shown


def _text(lines: Sequence[str], cuts: Sequence[Cut]) -> Table:
    """The lines in the order of the page, each with its number, and what was made of it."""
    shown = Table.grid(padding=(0, 2))
    at: dict[int, list[Cut]] = {}
    for cut in cuts:
        at.setdefault(cut.line, []).append(cut)
    for number, line in enumerate(lines):
        for mark, kind, text in _parts(line, at.get(number, [])):
            style = _STYLES[mark]
            shown.add_row(
                Text(str(number), "dim"), Text(mark, style), Text(kind, style), Text(text, style)
            )
    return shown


def _parts(line: str, cuts: Sequence[Cut]) -> Iterator[tuple[str, str, str]]:
    """The parts of a line: what was cut from it, and what is left of it."""
    rest = line
    for cut in cuts:
        yield _SOFT if cut.soft else _CUT, cut.kind, cut.text
        rest = rest.replace(cut.text, "", 1).strip()
    if rest:
        yield _KEPT, "", rest
