"""Text without residual boilerplate, and what was cut and why."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

from ingester.boilerplate import learned, lines, phrases, rules
from ingester.boilerplate.kinds import LONGEST, SOFT
from ingester.boilerplate.learned import Learned
from ingester.boilerplate.text import RAW, Text, kind_of
from ingester.models import Article, Cut, Draft, Failed, Place, Reason

_MOST_PROSE = 0.5
"""More than this share of the sentences is never cut hard: then the rules are wrong, not the text."""


_FIRM = 3
"""Words of a phrase with gaps that tell even of a sentence of the text: "copyright *" may begin any."""

_PLAIN = Place(None, 0.0)


def strip(
    draft: Draft, folder: Path | None = None, own: Learned = frozenset(), least: int = 1
) -> Article | Failed:
    """The draft's article: hard boilerplate cut from its text, soft only from what is signed.

    `folder`: the user's own phrases (`settings.Extract.phrases`). `own`: what was learned of the
    outlet. Failed with NO_ARTICLE where fewer than `least` sentences are left; a retry doesn't help.
    """
    known = phrases.load(draft.language, folder)
    tidied = tuple(map(lines.tidy, draft.lines))
    trimmed, cuts = _without_age(tidied, known)
    short = [line for line in trimmed if lines.words(line) <= LONGEST]
    here = known.within(short)
    sure = _of_text(trimmed, draft)
    kinds = tuple(
        kind_of(line, here, place, _FIRM if i in sure else 0) if line else None
        for i, (line, place) in enumerate(zip(trimmed, draft.places, strict=True))
    )
    text = Text(draft, trimmed, known, kinds)
    verdicts = _capped(_verdicts(text, own), text)
    cuts += [Cut(kind, i, text.lines[i], kind in SOFT) for i, kind in verdicts.items()]
    return _article(draft, text, tuple(sorted(cuts, key=lambda cut: cut.line)), least)


def _of_text(trimmed: Sequence[str], draft: Draft) -> AbstractSet[int]:
    """What is the text's by its place: sentences before others, in no part of their own, without a link."""
    prose = [i for i, line in enumerate(trimmed) if lines.is_prose(line)]
    marked = draft.extractor != RAW
    return {i for i in prose[:-1] if marked and draft.places[i] == _PLAIN}


def _verdicts(text: Text, own: Learned) -> dict[int, str]:
    found = dict(learned.verdicts(text.lines, own))
    for rule in rules.RULES:
        for i, kind in rule(text):
            if text.lines[i]:
                found.setdefault(i, kind)
    return found


def _capped(verdicts: dict[int, str], text: Text) -> dict[int, str]:
    """The verdicts, without those on sentences where they would take most of the text.

    A headline that is the text's only sentence, or all of it, stays too: there is no text without it.
    """
    said = [i for i, line in enumerate(text.lines) if line]
    prose = [i for i in said if lines.is_prose(text.lines[i])] or said
    hard = [i for i in prose if i in verdicts and verdicts[i] not in SOFT]
    spared: set[int] = set()
    if not text.raw and text.characters(hard) > _MOST_PROSE * text.characters(prose):
        spared = set(hard)
    elif hard == prose:
        spared = set([i for i in hard if verdicts[i] == "headline_repeat"][-1:])
    return {i: kind for i, kind in verdicts.items() if i not in spared}


def _without_age(
    tidied: tuple[str, ...], known: phrases.Phrases
) -> tuple[tuple[str, ...], list[Cut]]:
    """The lines without notices of their age that are glued to a sentence, and those notices."""
    kept, cuts = list(tidied), []
    for i, line in enumerate(tidied):
        found = known.age.match(line)
        if found and (
            found["whole"] or lines.normal(tidied[i - 1] if i else "") in known.age_split
        ):
            cuts.append(Cut("age_notice", i, found.group().strip(), soft=False))
            kept[i] = line[found.end() :].strip()
    return tuple(kept), cuts


def _article(draft: Draft, text: Text, cuts: tuple[Cut, ...], least: int) -> Article | Failed:
    left = {cut.line for cut in cuts if text.lines[cut.line] == cut.text}
    hard = {cut.line for cut in cuts if cut.line in left and not cut.soft}
    body = [line for i, line in enumerate(text.lines) if line and i not in hard]
    signed = [line for i, line in enumerate(text.lines) if line and i not in left]
    sentences = sum(_tells(line, text) for line in body)
    if sentences < least or not body:
        said = f"{sentences or 'no'} sentence{'s' * (sentences > 1)} in the main text"
        return Failed("extract", Reason.NO_ARTICLE, said, retry=False)
    return Article(
        title=draft.title,
        text="\n\n".join(body),
        signed_text="\n\n".join(signed),
        description=draft.description,
        authors=draft.authors,
        published=draft.published,
        modified=draft.modified,
        agency=draft.agency,
        outlet=draft.outlet,
        section=draft.section,
        language=draft.language,
        canonical_url=draft.canonical_url,
        image=draft.image,
        form=draft.form,
        removed=cuts,
        watched=tuple(learned.watched(body)),
        extractor=draft.extractor,
        confidence=draft.confidence,
        sources=draft.sources,
    )


def _tells(line: str, text: Text) -> bool:
    """Whether a line is a sentence; raw text is an article's too where it breaks off within its first."""
    return lines.is_prose(line) or (text.raw and lines.words(line) >= lines.PROSE_WORDS)


__all__ = ["Learned", "strip"]
