"""What is read from bytes, what is refused and why, and that no page takes long."""

import gzip
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ingester import boilerplate, extract, settings
from ingester.boilerplate import phrases
from ingester.extract import agencies, dates, document, people
from ingester.models import Article, Draft, Failed, Moment, Page, Reason

PAGES = Path(__file__).parents[2] / "shared" / "data" / "pages.jsonl.gz"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
LIMITS = settings.Extract()
BODY = (
    "Two lighthouses on the northern cape will be lit again in June, the harbour board said.",
    "The lamps went dark in 2019 after the board and the council could not agree on the cost.",
    "“We have sailed past two black towers for five winters,” said Nora Vell of the mail boat.",
    "Work on the southern tower starts next week, and visitors may climb it from August.",
)
KNOWN = phrases.load("en", None)


def page(
    body: str | bytes, media_type: str = "text/html", charset: str | None = "utf-8", **hints: object
) -> Page:
    raw = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
    return Page("https://outlet.example/a", raw, media_type, charset, NOW, **hints)  # type: ignore[arg-type] # hints are Page's own last fields


def html(inner: str = "", head: str = "") -> str:
    text = "".join(f"<p>{line}</p>" for line in BODY)
    body = f'<body class="x">{inner}<article class="a">{text}</article></body>'
    return f'<!DOCTYPE html><html lang="en"><head>{head}</head>{body}</html>'


def read(
    body: str | bytes, media_type: str = "text/html", charset: str | None = "utf-8", **hints: object
) -> Draft:
    found = extract.read(page(body, media_type, charset, **hints), LIMITS)
    assert isinstance(found, Draft), found
    return found


def refused(found: Draft | Article | Failed) -> Reason:
    assert isinstance(found, Failed), found
    assert (found.step, found.retry) == ("extract", False)
    assert found.detail
    return found.reason


# --- what is no article --------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"", b" \n\t", b"\0\0\0", b"\xef\xbb\xbf", b"<html></html>" * 0])
@pytest.mark.parametrize("media_type", ["text/html", "text/plain"])
def test_nothing_is_empty(body: bytes, media_type: str) -> None:
    assert refused(extract.read(page(body, media_type), LIMITS)) is Reason.EMPTY


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"%PDF-1.7 ...", "application/pdf"),
        (b"%PDF-1.7 ...", "text/html"),
        (b"\x89PNG\r\n", "text/plain"),
        (b'{"a": 1}', "application/json"),
        (b"ID3\x03", "audio/mpeg"),
        (b"a\0b\0c", "application/octet-stream"),
    ],
)
def test_other_types_are_unsupported(body: bytes, media_type: str) -> None:
    assert refused(extract.read(page(body, media_type), LIMITS)) is Reason.UNSUPPORTED_TYPE


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/octet-stream", "application/xhtml+xml", ""]
)
def test_html_is_known_by_its_first_bytes(media_type: str) -> None:
    assert read(html(), media_type).lines == BODY


def test_an_article_with_a_line_of_a_wall_is_an_article() -> None:
    wall = "<p>Please Wait...</p><p>We use cookies to make the site better.</p>"
    found = boilerplate.strip(read(html(wall)))
    assert isinstance(found, Article)
    assert found.text == "\n\n".join(BODY)


# --- limits --------------------------------------------------------------------------------------

HOSTILE = {
    "attributes": "<p " + " ".join(f"a{i}=1" for i in range(100_000)) + ">x</p>",
    "bare attributes": "<p " + "a " * 100_000 + ">x</p>",
    "attributes behind a quote": '<p title="x"" ' + "b=1 " * 100_000 + ">x</p>",
    "tags": "<b>x</b>" * 60_000,
    "text": "<p>" + "word " * 300_000 + "</p>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_parsers_drown_in_is_refused_before_them(name: str) -> None:
    started = time.process_time()
    assert refused(extract.read(page(html(HOSTILE[name])), LIMITS)) is Reason.TOO_COMPLEX
    assert time.process_time() - started < 5


def test_one_sentence_under_its_own_title_is_an_article() -> None:
    article = boilerplate.strip(read(BODY[0], "text/plain", title=BODY[0]))
    assert isinstance(article, Article)
    assert (article.title, article.text) == (BODY[0], BODY[0])


def test_long_plain_text_is_refused() -> None:
    assert (
        refused(extract.read(page("word " * 300_000, "text/plain"), LIMITS)) is Reason.TOO_COMPLEX
    )


@pytest.mark.parametrize(
    "inner",
    [
        "<br>" * 15_000,
        "<div>" * 600,
        "<!--" + "<a b" * 50_000 + "-->",
        "<script>" + "i<a&&b;" * 50_000 + "</script>",
        "<style>" + "a<b{}" * 1_000 + "</style>",
        '<img alt="' + "a b " * 5_000 + '">',
    ],
    ids=["breaks", "nesting", "comment", "script", "style", "quoted"],
)
def test_what_only_looks_hostile_is_read_in_time(inner: str) -> None:
    started = time.process_time()
    assert BODY[0] in " ".join(read(html(inner)).lines)
    assert time.process_time() - started < 10


@pytest.mark.parametrize(
    "start", ["<script", "<!--", "<a b='", '<a b="', "<a =", "<", "</", "<style>"]
)
def test_the_scan_is_linear(start: str) -> None:
    started = time.process_time()
    document.excess(start * 200_000, LIMITS)
    assert time.process_time() - started < 5


@given(st.binary(max_size=300), st.sampled_from(["text/html", "text/plain", "", "application/pdf"]))
@hypothesis_settings(deadline=None, max_examples=60)
def test_random_bytes_give_a_value(body: bytes, media_type: str) -> None:
    for given_body in (body, html().encode() + body, body + html().encode()):
        found = extract.read(page(given_body, media_type, None), LIMITS)
        assert isinstance(found, Draft | Failed)
        if isinstance(found, Draft):
            boilerplate.strip(found)


def test_control_characters_and_lone_surrogates_are_left_out() -> None:
    bad = html(
        "<h1>A\0 \ud800title of the lamps&#1;</h1>",
        '<meta property="og:title" content="A title of the lamps">',
    )
    found = read(bad.replace("northern", "nor\0thern"))
    assert found.lines[-4:] == BODY
    assert found.title == "A title of the lamps"


def test_every_development_page_is_read() -> None:
    if not PAGES.exists():
        pytest.skip(f"the development pages are not at {PAGES}")
    with gzip.open(PAGES, "rt", encoding="utf-8") as rows:
        bodies = [json.loads(row)["html"] for row in rows]
    found = [extract.read(page(body), LIMITS) for body in bodies]
    articles = [boilerplate.strip(each) if isinstance(each, Draft) else each for each in found]
    assert sum(isinstance(each, Failed) for each in articles) <= 1


# --- charsets ------------------------------------------------------------------------------------

RUSSIAN = "Лампы погасли в 2019 году, потому что порт и островной совет не смогли договориться."


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        (RUSSIAN.encode("utf-8"), "iso-8859-1"),
        (RUSSIAN.encode("utf-8-sig"), None),
        (RUSSIAN.encode("utf-16"), None),
        (RUSSIAN.encode("cp1251"), "windows-1251"),
        (RUSSIAN.encode("koi8-r"), "KOI8-R"),
        (RUSSIAN.encode("cp1251"), None),
        (b'<meta charset="windows-1251">' + RUSSIAN.encode("cp1251"), "no-such-charset"),
        (b'<meta charset="utf-8">' + RUSSIAN.encode("cp1251"), "utf-8"),
    ],
)
def test_text_is_decoded_whatever_was_declared(body: bytes, charset: str | None) -> None:
    assert RUSSIAN in document.decode(body, charset)


def test_a_broken_byte_does_not_lose_the_rest() -> None:
    assert (
        document.decode(RUSSIAN.encode() + b"\xff" + RUSSIAN.encode(), "utf-8").count(RUSSIAN) == 2
    )


# --- what a page and its source say --------------------------------------------------------------


def moment(raw: str) -> Moment:
    found = dates.claimed(raw, "feed", NOW)
    assert found
    return found


def test_the_feeds_time_is_better_than_the_pages_bare_day() -> None:
    head = '<meta name="date" content="2024-03-05">'
    found = read(html(head=head), published=moment("2024-03-05T08:30:00Z"))
    assert found.published == moment("2024-03-05T08:30:00Z")


def test_the_page_is_believed_where_the_feed_says_another_day() -> None:
    head = '<meta name="date" content="2024-03-05">'
    found = read(html(head=head), published=moment("2024-03-09T08:30:00Z"))
    assert found.published
    assert found.published.isoformat() == "2024-03-05"


def test_hints_stand_in_where_the_page_says_nothing() -> None:
    found = read(
        html(), title="Lamps return", outlet="Valley Courier", published=moment("2024-03-05")
    )
    assert (found.title, found.outlet) == ("Lamps return", "Valley Courier")
    assert found.published == moment("2024-03-05")


def test_the_time_of_the_last_change_is_not_the_publication() -> None:
    head = '<meta property="article:modified_time" content="2024-04-01T10:00:00Z">'
    found = read(html(head=head))
    assert found.published is None
    assert found.modified == dates.claimed("2024-04-01T10:00:00Z", "article:modified_time", NOW)


@pytest.mark.parametrize(
    "script",
    [
        "[]",
        "null",
        '"x"',
        "{" * 20_000,
        "[" * 100_000,
        '{"@type": ["NewsArticle"], "headline": {"@value": "Lamps"}, "author": [[]]}',
        '{"@type": "NewsArticle", "author": {"name": [null, 3]}, "datePublished": 20240305, "image": [null]}',
        '{"@graph": {"@type": "NewsArticle", "publisher": "x", "articleSection": []}}',
    ],
)
def test_json_ld_of_any_shape_is_survived(script: str) -> None:
    assert read(html(head=f'<script type="application/ld+json">{script}</script>')).lines == BODY


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ("2024-03-05", "2024-03-05"),
        ("20240305", "2024-03-05"),
        ("2024-03-05T08:30", "2024-03-05T08:30"),
        ("2024-03-05 08:30:15+01:00", "2024-03-05T07:30:15Z"),
        ("2024-03-05T08:30:15.123456Z", "2024-03-05T08:30:15Z"),
        ("Tue, 05 Mar 2024 08:30:00 GMT", "2024-03-05T08:30:00Z"),
        ("2024-02-30", None),
        ("2024-13-01", None),
        ("1970-01-01", None),
        ("2031-01-01", None),
        ("05/03/2024", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_claimed_dates_are_read_strictly(raw: str, says: str | None) -> None:
    found = dates.claimed(raw, "meta", NOW)
    assert (found.isoformat() if found else None) == says


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("Published March 5, 2024 | 01:10 AM", "2024-03-05T01:10"),
        ("5th March 2024 at 12:05 pm", "2024-03-05T12:05"),
        ("12:05 AM, 5 Mar. 2024", "2024-03-05T00:05"),
        ("Updated: 13-12-2022", "2022-12-13"),
        ("12/25/2023", "2023-12-25"),
        ("03/05/2024", None),
        ("2024/3/5 08:30 UTC", "2024-03-05T08:30Z"),
        ("March 2024", None),
        ("May 5, 99", None),
    ],
)
def test_written_dates_are_read_where_they_are_certain(line: str, says: str | None) -> None:
    found = dates.written(line, KNOWN, "text", NOW)
    assert (found.isoformat() if found else None) == says


@pytest.mark.parametrize(
    ("said", "names"),
    [
        (["By Nora Vell and Pavel Druse"], ("Nora Vell", "Pavel Druse")),
        (["Nora Vell, Staff Writer"], ("Nora Vell",)),
        (["nora.vell@ledger.example"], ()),
        (["By Staff, Agencies"], ()),
        (["Reuters"], ()),
        (["The Harbour Ledger"], ()),
        (["Nora Vell", "NORA VELL"], ("Nora Vell",)),
        (["習近平"], ("習近平",)),
        (["習近平、李克強"], ("習近平", "李克強")),
        (["THL"], ()),
        (["Nora Vell, J. K. Druse"], ("Nora Vell", "J. K. Druse")),
        (["By Nora Vell, Frankfurt"], ("Nora Vell",)),
        (["Nora Vell in London and Pavel Druse for Agence Nord"], ("Nora Vell", "Pavel Druse")),
        (["Nora Vell - Harbour News"], ("Nora Vell",)),
        (["Reuters - Nora Vell"], ("Nora Vell",)),
        (["Reporting by Nora Vell; Editing by Pavel Druse"], ("Nora Vell",)),
        (["Sudarto and Heryadi"], ("Sudarto", "Heryadi")),
        (["By Nora Vell, h1, March 3, 2024"], ("Nora Vell",)),
        (["Editorial Board"], ()),
        (["Vell, Nora"], ("Nora Vell",)),
        (["Vell, Nora J.; Druse, Pavel"], ("Nora J. Vell", "Pavel Druse")),
        (["Reuters, Vell"], ("Vell",)),
        (["배윤경,이상현"], ("배윤경", "이상현")),
        (["John E Vell"], ("John E Vell",)),
        (["John Vell, Jr. and Dan Druse"], ("John Vell Jr", "Dan Druse")),
        (["José Ortega y Gasset"], ("José Ortega y Gasset",)),
        (["Ana Ruiz y Luis Paz"], ("Ana Ruiz", "Luis Paz")),
        (["Ana Ruiz en Madrid"], ("Ana Ruiz",)),
        (["Ahmet Kaya ve Ayşe Demir"], ("Ahmet Kaya", "Ayşe Demir")),
        (["NORA VELL AND PAVEL DRUSE"], ("NORA VELL", "PAVEL DRUSE")),
        (["Nora Vell with Pavel Druse"], ("Nora Vell", "Pavel Druse")),
        (["Nora Vell with files from The Canadian Press"], ("Nora Vell",)),
        (["Ahmed al-Masri", "Jean d'Ormes"], ("Ahmed al-Masri", "Jean d'Ormes")),
        (["Maria do Carmo", "Ida zu Stein"], ("Maria do Carmo", "Ida zu Stein")),
        (["Nora Vell, New Delhi"], ("Nora Vell",)),
        (["Cairo - Nora Vell"], ("Nora Vell",)),
        (["Nora Vell, Senior Fellow"], ("Nora Vell",)),
        (["Nora Vell of the Tidal Institute"], ("Nora Vell",)),
        (["[Nora Vell]", "“Pavel Druse”"], ("Nora Vell", "Pavel Druse")),
        (["University of the Cape"], ()),
        (["Department for Transport"], ()),
        (["BBC Verify"], ()),
        (["The Tidal Review"], ()),
        (["Tim Senior and Vera Null"], ("Tim Senior", "Vera Null")),
        (["None", "nvell_2", "JohnDoe123"], ()),
        (['<a href="https://outlet.example/nora">Nora Vell</a>'], ("Nora Vell",)),
        (["Text: Nora Vell, Photos: Pavel Druse"], ("Nora Vell",)),
        (["View all posts by Nora Vell"], ("Nora Vell",)),
        (["Nora Vell", "N. Vell", "Vell"], ("Nora Vell",)),
        (["김철수 기자, 이영희 특파원"], ("김철수", "이영희")),
        (["記者張三／台北報導"], ("張三",)),
        (["记者：张三"], ("张三",)),
        (["山田太郎記者"], ("山田太郎",)),
        (["القاهرة - محمد علي"], ("محمد علي",)),
    ],
)
def test_authors_are_people(said: list[str], names: tuple[str, ...]) -> None:
    assert people.named(said, "The Harbour Ledger", KNOWN) == names


@pytest.mark.parametrize(
    ("name", "outlet", "names"),
    [
        ("Harbour Ledger", "harbour-ledger.example", ()),
        ("HLR Nordkap", "HLR.example", ()),
        ("Nora Vell", "HLR.example", ("Nora Vell",)),
        ("Nora Vell", "Nora Today", ("Nora Vell",)),
    ],
)
def test_an_outlet_is_no_author(name: str, outlet: str, names: tuple[str, ...]) -> None:
    assert people.named([name], outlet, KNOWN) == names


@pytest.mark.parametrize(
    "head",
    [
        '<meta name="author" content="Web Desk"><meta name="parsely-author" content="Nora Vell">',
        '<meta name="author" content="n@v.example"><meta name="twitter:misc:Written by" content="Nora Vell">',
        '<script type="application/ld+json">{"@type": "NewsArticle", "author": {"name": "Reuters"}}</script>',
    ],
)
def test_where_the_first_place_names_nobody_the_next_is_asked(head: str) -> None:
    found = read(html('<p class="byline">By Nora Vell</p>', head))
    assert found.authors == ("Nora Vell",)
    assert found.sources["authors"] != "json-ld"


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [
        ("BERLIN (Reuters) - The lamps are lit, the board said on Tuesday evening.", "", "Reuters"),
        (
            "NORTHGATE (Harbour News / Sputnik - 13th March, 2024) The lamps are lit again.",
            "",
            "Sputnik",
        ),
        ("NORTHGATE, March 5 (Xinhua) -- The lamps of the cape are lit again.", "", "Xinhua"),
        ("(ANSA) - ROMA, 13 DIC - I fari sono di nuovo accesi, dice il porto.", "", "ANSA"),
        (
            "МОСКВА, 5 мар — РИА Новости. Маяки снова загорятся в июне этого года.",
            "",
            "RIA Novosti",
        ),
        ("МОСКВА, 5 марта. /ТАСС/. Маяки снова загорятся в июне этого года.", "", "TASS"),
        (
            "The lamps are lit.",
            "The mail boat sounded its horn, and nobody slept that night. (AP)",
            "AP",
        ),
        ("The lamps are lit.", "The mail boat sounded its horn, and nobody slept. — AFP", "AFP"),
        ("By Associated Press", "", "AP"),
        ("The lamps are lit.", "Source: dpa", "dpa"),
        ("Reuters reported that the ministry had not replied to a request for comment.", "", None),
        (
            "“We lit them,” the Iranian IRNA agency quoted the minister as saying on Monday.",
            "",
            None,
        ),
        ("By Staff, Agencies", "", None),
        ("The minister told the AP (and others) that the lamps would be lit in June.", "", None),
        ("The Palestinian Authority (PA) said the lamps would be lit again in June.", "", None),
        (
            "The lamps are lit.",
            "The keeper spoke for hours to reporters of the Canadian Press (CP).",
            None,
        ),
        ("Islamabad (APP): The lamps of the cape will be lit again in June.", "", "APP"),
        ("The Scottish National Party (SNP) said the lamps would be lit again in June.", "", None),
    ],
)
def test_an_agency_is_credited_where_credits_stand(first: str, last: str, name: str | None) -> None:
    text = [line for line in (first, *BODY, last) if line]
    found = agencies.credited((), (), text, KNOWN)
    assert (found.name if found else None) == name


def test_an_author_tag_credits_an_agency() -> None:
    found = read(html(head='<meta name="author" content="Nora Vell, AFP">'))
    assert found.authors == ("Nora Vell",)
    assert found.agency
    assert found.agency.name == "AFP"


# --- one walk, one tree --------------------------------------------------------------------------


def calls_of(body: str) -> int:
    """How many Python functions a reading calls: work that no load of the machine changes."""
    count = 0

    def count_call(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(count_call)
    try:
        read(body)
    finally:
        sys.setprofile(None)
    return count


def test_work_grows_as_the_page_does() -> None:
    menu = "<ul class='m'>" + "<li><a href='/x'>Ports and harbours</a></li>" * 20 + "</ul>"
    part = menu + "<div><p>" + "</p><p>".join(BODY) + "</p><div><img src='x'></div></div>"
    read(html(part))  # what is loaded once
    small, large = (calls_of(html(part * times)) for times in (10, 40))
    assert large < 4.4 * small


def test_a_menu_is_no_text_whatever_its_tag() -> None:
    links = "".join(f"<a href='/{i}'>Ports and ferries {i}</a> " for i in range(9))
    assert read(html(f"<div class='x'><p>{links}</p></div>")).lines == BODY


def test_an_article_body_is_taken_where_the_page_shows_only_its_start() -> None:
    more = [f"{line} So the minutes of meeting {i} say." for i in range(9) for line in BODY]
    body = json.dumps({"@type": "NewsArticle", "articleBody": "\n\n".join([*BODY, *more])})
    found = read(html(head=f'<script type="application/ld+json">{body}</script>'))
    assert (found.extractor, found.lines) == ("json-ld", (*BODY, *more))


@pytest.mark.parametrize(
    "envelope",
    ["{}", "<!--{}-->", " <![CDATA[{}]]> ;", "//<![CDATA[\n{};\n//]]>\n", "{} //]]>", "{};"],
)
def test_json_ld_is_read_in_its_envelope(envelope: str) -> None:
    data = '{"@type": "NewsArticle", "author": {"name": "Nora Vell",}}'
    script = envelope.replace("{}", data)
    found = read(html(head=f'<script type="application/ld+json">{script}</script>'))
    assert (found.authors, found.sources.get("authors")) == (("Nora Vell",), "json-ld")


def test_the_title_is_what_both_tags_say() -> None:
    tags = '<meta property="og:title" content="Two towers are lit again in June">'
    data = '{"@type": "NewsArticle", "headline": "Two towers are lit again in June"}'
    head = f'{tags}<script type="application/ld+json">{data}</script>'
    heading = "<h1>Northern cape Two towers are lit again in June</h1>"
    assert read(html(heading, head)).title == "Two towers are lit again in June"


def test_an_address_is_no_author() -> None:
    head = '<meta name="author" content="n.vell@outlet.example">'
    assert read(html('<p class="author">By Nora Vell</p>', head)).authors == ("Nora Vell",)
