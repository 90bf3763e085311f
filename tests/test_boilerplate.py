"""What is cut, what stays, and that nothing vanishes on the way."""

import gzip
import html
import json
import random
import re
import time
from collections import Counter
from dataclasses import fields
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ingester import boilerplate, extract, settings
from ingester.boilerplate import lines, phrases
from ingester.errors import ConfigurationError
from ingester.models import Article, Cut, Draft, Failed, Form, Page, Place
from tests.wrapping import TEASER, Wrapped, wrap

PAGES = Path(__file__).parents[2] / "shared" / "data" / "pages.jsonl.gz"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
BODY = (
    "Two lighthouses on the northern cape will be lit again in June, the harbour board said.",
    "The lamps went dark in 2019 after the board and the council could not agree on the cost.",
    "“We have sailed past two black towers for five winters,” said Nora Vell of the mail boat.",
    "Work on the southern tower starts next week, and visitors may climb it from August.",
)
LANGUAGES = (
    "ar", "de", "en", "es", "fa", "fr", "hi", "id", "it", "ja", "ko", "nl", "pl", "pt", "ru", "tr", "uk",
    "zh",
)  # fmt: skip


def draft(*body: str, **known: Any) -> Draft:
    nothing: dict[str, Any] = dict.fromkeys(each.name for each in fields(Draft))
    return Draft(
        **{
            **nothing,
            "lines": body,
            "places": (Place(),) * len(body),
            "form": Form.ARTICLE,
            "authors": (),
            "language": "en",
            "extractor": "trafilatura",
            "confidence": 1.0,
            "sources": {},
            **known,
        }
    )


def stripped(*body: str, **known: Any) -> Article:
    found = boilerplate.strip(draft(*body, **known))
    assert isinstance(found, Article)
    return found


def kinds(article: Article) -> dict[str, str]:
    return {cut.text: cut.kind for cut in article.removed}


# --- real texts in made-up wrapping --------------------------------------------------------------


@cache
def wrapped() -> tuple[Wrapped, ...]:
    if not PAGES.exists():
        pytest.skip(f"the development pages are not at {PAGES}")
    rng = random.Random(20240305)
    with gzip.open(PAGES, "rt", encoding="utf-8") as rows:
        pages = [json.loads(row) for row in rows]
    bodies = [
        [tidy for line in page["text"].split("\n") if (tidy := lines.tidy(line))] for page in pages
    ]
    return tuple(
        wrap(title, body, rng)
        for page, body in zip(pages, bodies, strict=True)
        if len(body) > 3 and (title := _title(page))
    )


def _title(page: dict[str, Any]) -> str:
    """The headline that the page is known by; else that of its head, without the site's name."""
    head = re.search(r"<title[^>]*>([^<]*)", page["html"])
    said = page["title"] or (html.unescape(head[1]) if head else "")
    return lines.tidy(re.split(r" [|–—-] ", said)[0] if page["title"] is None else said)


@pytest.mark.parametrize("media_type", ["text/plain", "text/html"])
def test_real_texts_come_out_of_their_wrapping(media_type: str) -> None:
    kept = body = left = wrapping = titles = 0
    for case in wrapped():
        article = _article(case, media_type)
        found, wanted = Counter(article.text.split("\n\n")), Counter(case.body)
        kept += (found & wanted).total()
        body += wanted.total()
        left += (found - wanted).total()
        wrapping += len(case.boilerplate)
        titles += article.title == case.title
    assert len(wrapped()) >= 200
    assert kept / body >= 0.99
    assert 1 - left / wrapping >= 0.97
    assert titles / len(wrapped()) >= 0.95


def _article(case: Wrapped, media_type: str) -> Article:
    body = case.raw
    if media_type == "text/html":
        shown = "".join(f"<p>{_shown(line)}</p>" for line in case.raw.split("\n"))
        body = f"<html><head><title>{case.title}</title></head><body>{shown}</body></html>"
    read = extract.read(Page(None, body.encode(), media_type, "utf-8", NOW), settings.Extract())
    assert isinstance(read, Draft)
    article = boilerplate.strip(read)
    assert isinstance(article, Article)
    return article


def _shown(line: str) -> str:
    return line if line == TEASER else html.escape(line, quote=False)


# --- single rules --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Read more: Ferry company fined over late sailings", "see_also"),
        ("RELATED | Council keeps the market hall", "see_also"),
        ("» Lire aussi : La grève est levée", "see_also"),
        ("ADVERTISEMENT", "ad"),
        ("Share this article", "share"),
        ("5 min read", "reading_time"),
        ("Sign up for our daily newsletter", "newsletter"),
        ("Already a subscriber? Log in", "wall"),
        ("© 2024 The Harbour Ledger", "copyright"),
        ("Copyright 2024 The Harbour Ledger. All rights reserved.", "copyright"),
        ("(Reporting by Maya Lind; Editing by Tomas Ardin)", "credit"),
        ("Photo: Maya Lind / The Harbour Ledger", "photo_credit"),
        ("This article is more than 2 years old", "age_notice"),
        ("Please Wait...", "ui"),
        ("***", "ornament"),
    ],
)
def test_a_line_of_its_kind_is_cut_between_sentences(line: str, kind: str) -> None:
    article = stripped(*BODY[:2], line, *BODY[2:], language=None)
    assert article.text == article.signed_text == "\n\n".join(BODY)
    assert article.removed == (Cut(kind, 2, line, soft=False),)


@pytest.mark.parametrize(
    "line",
    [
        "Read more books, the minister told the children, and you will never be lonely on the cape.",
        "By Tuesday evening the lamps were burning again, and the mail boat sounded its horn twice.",
        "Comments from the council were not available before the vote, said a clerk of the board.",
        "Please wait for me at the southern tower, she had written to the keeper in her last letter.",
        "The copyright of the photographs belongs to the keeper's family, the court found in March.",
        "Related costs, such as the new stairs, will be paid by the island council over ten years.",
        "Home is where the light is, said the keeper, who has lived in the tower for forty years.",
    ],
)
def test_a_sentence_that_begins_like_boilerplate_stays(line: str) -> None:
    assert stripped(*BODY[:2], line, *BODY[2:]).removed == ()


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (
            "Editor's note: This article was updated on Tuesday to add the board's figures.",
            "notice",
        ),
        ("Lamps are back! pic.twitter.com/abc123", "tweet"),
        ("Maya Lind is a reporter for the coast desk of the Northgate Daily", "bio"),
    ],
)
def test_what_sources_disagree_on_stays_in_the_text_and_is_not_signed(line: str, kind: str) -> None:
    article = stripped(*BODY, line)
    assert article.text == "\n\n".join((*BODY, line))
    assert article.signed_text == "\n\n".join(BODY)
    assert article.removed == (Cut(kind, 4, line, soft=True),)


def test_the_headline_and_the_byline_are_kept_apart_from_the_text() -> None:
    title = "Dark lighthouses to shine again"
    article = stripped("Coast", title, "By Ines Kowal", *BODY, title, title=title, section="Coast")
    assert article.text == "\n\n".join(BODY)
    assert [cut.kind for cut in article.removed] == [
        "kicker",
        "headline_repeat",
        "byline",
        "headline_repeat",
    ]


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("extractor", ["lines", "trafilatura"])
def test_a_headline_that_is_the_only_sentence_is_the_text(extractor: str, times: int) -> None:
    article = stripped(*[BODY[0]] * times, title=BODY[0], extractor=extractor)
    assert set(article.text.split("\n\n")) == {BODY[0]}


def test_a_standfirst_that_the_text_repeats_is_cut_once() -> None:
    assert stripped(BODY[2], *BODY).text == "\n\n".join(BODY)


def test_a_repeated_line_further_down_stays() -> None:
    refrain = (
        "And the lamps of the cape were dark, and the sea was darker than the lamps had ever been."
    )
    assert stripped(*BODY, refrain, "He sang it twice.", refrain).removed == ()


def test_an_age_notice_glued_to_the_first_sentence_is_cut_from_it() -> None:
    article = stripped("This article is more than", f"3 months old{BODY[0]}", *BODY[1:])
    assert article.text == "\n\n".join(BODY)
    assert kinds(article)["3 months old"] == "age_notice"


def test_a_tail_of_teasers_is_cut_to_the_end() -> None:
    teaser = (
        "The village school has had no roof since March, and its pupils have built one themselves."
    )
    article = stripped(*BODY, "Newer articles", teaser, "Council keeps the market hall")
    assert article.text == "\n\n".join(BODY)
    assert set(kinds(article).values()) == {"tail"}


def test_a_list_of_links_inside_a_text_ends_at_the_next_sentences() -> None:
    article = stripped(*BODY[:2], "Related stories", "Council keeps the market hall", *BODY[2:])
    assert article.text == "\n\n".join(BODY)


def test_short_lines_at_the_end_stay_where_nothing_speaks_against_them() -> None:
    verse = ("The lamp is lit", "the boat is home", "the sea is wide")
    assert stripped(*BODY, *verse).removed == ()


def test_rules_that_would_take_most_sentences_are_not_believed() -> None:
    notice = (
        "Sign up for lessons at the harbour school, where the keeper teaches every Monday evening."
    )
    article = stripped(notice, notice.replace("Monday", "Friday"), BODY[0])
    assert BODY[0] in article.text
    assert article.text.count("Sign up for lessons") == 2


def test_no_sentence_left_is_no_article() -> None:
    found = boilerplate.strip(draft("Home", "Ferry company fined", "Council keeps the market hall"))
    assert isinstance(found, Failed)
    assert (found.reason, found.retry) == ("no_article", False)


def test_raw_text_that_breaks_off_within_its_first_sentence_is_an_article() -> None:
    cut_off = "The council of the harbour town of Lerwick keeps its old market hall,"
    page = Page(None, f"Council keeps the market hall\n{cut_off}".encode(), "text/plain", None, NOW)
    read = extract.read(page, settings.Extract())
    assert isinstance(read, Draft)
    found = boilerplate.strip(read)
    assert isinstance(found, Article)
    assert (found.title, found.text) == ("Council keeps the market hall", cut_off)


# --- phrases -------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_phrases_of_every_hard_kind(language: str) -> None:
    known = phrases.load(language, None)
    patterns = [*chain(*known.loose.values(), *known.framed.values())]
    have = {p.kind for p in patterns} | {k for found in known.exact.values() for k in found}
    assert {"see_also", "tail", "prompt", "newsletter", "share", "copyright", "ui", "ad"} <= have


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_line_made_of_a_phrase_is_found_by_it(language: str) -> None:
    known = phrases.load(language, None)
    for each in [*chain(*known.loose.values(), *known.framed.values())]:
        line = "word".join(each.parts)
        assert each.kind in known.within(["Another line", line]).kinds(line)


def test_users_add_phrases_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "en.toml").write_text(
        '[phrases]\nprompt = ["ring the * bell*"]\n', encoding="utf-8"
    )
    line = "Ring the harbour bell to hear more from us"
    found = boilerplate.strip(draft(*BODY, line), tmp_path)
    assert isinstance(found, Article)
    assert found.removed == (Cut("prompt", 4, line, soft=False),)
    assert stripped(*BODY, line).removed == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[phrases\n", "not TOML"),
        ('[phrases]\nui = "menu"\n', "list of strings"),
        ('[phrases]\nui = ["*"]\n', "any line"),
        ('[phrases]\nui = ["bells on *:"]\n', "end it with letters"),
        ('[phrases]\nuii = ["menu"]\n', "uii"),
    ],
)
def test_a_broken_file_of_phrases_is_named(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "en.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=says):
        boilerplate.strip(draft(*BODY), tmp_path)


# --- whatever comes in ---------------------------------------------------------------------------


@given(st.lists(st.text(max_size=80), max_size=12), st.sampled_from(LANGUAGES), st.booleans())
@hypothesis_settings(deadline=None, max_examples=150)
def test_every_line_is_kept_or_cut_and_nothing_is_made_up(
    body: list[str], language: str, raw: bool
) -> None:
    extractor = "lines" if raw else "trafilatura"
    found = boilerplate.strip(draft(*body, *BODY, language=language, extractor=extractor))
    if isinstance(found, Article):
        hard = [cut.text for cut in found.removed if not cut.soft]
        kept = found.text.split("\n\n")
        said = Counter("".join([*kept, *hard]).replace(" ", ""))
        assert said == Counter("".join(map(lines.tidy, (*body, *BODY))).replace(" ", ""))
        assert "\0" not in found.text


@pytest.mark.parametrize(
    "bad", ["a" * 200_000, "* " * 100_000, "Read more: " * 20_000, "1" * 200_000, "(" * 200_000]
)
def test_a_hostile_line_takes_no_longer_than_its_length(bad: str) -> None:
    started = time.process_time()
    boilerplate.strip(draft(bad, *BODY, title=bad[:200], extractor="lines"))
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "line", ["Related news", "By Nora Vell", "March 5, 2024", BODY[0], "Lamps of the northern cape"]
)
def test_many_lines_take_no_longer_than_their_number(line: str) -> None:
    started = time.process_time()
    between = (each for pair in zip(BODY * 5_000, [line] * 20_000, strict=True) for each in pair)
    boilerplate.strip(draft(*between, title="Lamps of the northern cape", extractor="lines"))
    assert time.process_time() - started < 20
