import json
import tomllib
from dataclasses import replace
from datetime import timedelta
from itertools import count, permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingester import urls
from ingester.models import (
    ArticleId,
    Candidate,
    Member,
    Relation,
    Signed,
    StoryId,
    Vector,
)
from ingester.settings import Grouping, shipped
from ingester.stories.canonical import elect
from ingester.stories.clustering import average_link, keep_names
from ingester.stories.compare import passages, relate
from ingester.words import tokens
from tests.memory_archive import FIRST_SEEN, MemoryArchive, on, sign
from tests.texts import dice, edited, sentences, vocabulary

SEEDS = Path(__file__).parents[2] / "shared" / "seeds" / "gold.json"
RULE = Grouping()


def text(seed: int, count: int = 15) -> str:
    return " ".join(sentences(dice(seed), count))


def archive_of(signed: dict[str, Signed], rule: Grouping = RULE) -> MemoryArchive:
    archive = MemoryArchive(rule)
    for url, one in signed.items():
        archive.place(url, one)
    return archive


def groups(*members: str) -> set[frozenset[str]]:
    return {frozenset(group.split()) for group in members}


# --- the seeds ----------------------------------------------------------------------------------


def seeds(dated: bool, titled: bool, seed: int) -> tuple[dict[str, Signed], dict[str, Any]]:
    if not SEEDS.exists():
        pytest.skip("the seeds' gold is not beside this checkout")
    gold = json.loads(SEEDS.read_text(encoding="utf-8"))
    signed = {
        known["file"][:3]: sign(
            known["body"],
            seed,
            title=known["title"] if titled else None,
            published=on(known["published"]) if dated and known["published"] else None,
        )
        for known in gold["articles"]
    }
    return signed, gold


@pytest.mark.parametrize("dated", [True, False])
@pytest.mark.parametrize("titled", [True, False])
def test_the_seeds_come_right_in_all_orders(dated: bool, titled: bool) -> None:
    for seed, orders in ((1, None), (2**62 + 11, 10)):
        signed, gold = seeds(dated, titled, seed)
        for order in list(permutations(signed))[:orders]:
            archive = archive_of({name: signed[name] for name in order})
            assert archive.stories() == set(map(frozenset, gold["stories"]))
            assert archive.events() == set(map(frozenset, gold["events"]))
            assert archive.kinds() == {
                frozenset(known["pair"]): known["relation"]
                for known in gold["relations"]
                if known["relation"] != "none"
            }


def test_the_seeds_are_told_apart_with_room_to_spare() -> None:
    signed, gold = seeds(dated=False, titled=False, seed=1)
    narrow = RULE.model_copy(update={"event_join": RULE.event_join + 0.15})
    wide = RULE.model_copy(update={"event_join": RULE.event_join - 0.03})
    for rule in (narrow, wide):
        assert archive_of(signed, rule).events() == set(map(frozenset, gold["events"]))
    for join in (RULE.join - 0.025, RULE.join + 0.2):
        stories = archive_of(signed, RULE.model_copy(update={"join": join})).stories()
        assert stories == set(map(frozenset, gold["stories"]))


# --- relations ----------------------------------------------------------------------------------


def related(one: str, other: str, language: str = "en") -> Relation | None:
    archive = archive_of({"a": sign(one), "b": sign(other, language=language)})
    return next(iter(archive.relations.values()), None)


def test_identical_words_are_identical_whatever_their_layout() -> None:
    found = related(text(1), text(1).upper().replace(". ", ".\n\n"))
    assert found is not None
    assert (found.kind, found.story_score, found.jaccard) == ("identical", 1, 1)


def test_short_texts_are_only_ever_identical() -> None:
    short = " ".join(text(1).split()[:15])
    assert related(short, short).kind == "identical"  # type: ignore[union-attr]
    assert related(short, short + " more").kind == "same_event"  # type: ignore[union-attr]


def test_texts_without_words_are_never_equal() -> None:
    archive = archive_of({"a": sign(""), "b": sign(" -- ")})
    assert archive.stories() == groups("a", "b")


def test_an_edited_text_is_a_copy_with_the_evidence() -> None:
    found = related(text(1), edited(text(1), 0.05, dice(2)))
    assert found is not None
    assert found.kind == "copy"
    assert 0.4 < found.jaccard < found.containment_a < 1
    assert found.shared > 50
    assert found.rule


def test_a_quoted_passage_makes_a_partial_relation_and_no_story() -> None:
    quoting = " ".join([*sentences(dice(3), 16), *sentences(dice(1))[4:6], *sentences(dice(4), 2)])
    archive = archive_of({"a": sign(text(1)), "b": sign(quoting)})
    (found,) = archive.relations.values()
    assert found.kind == "partial"
    assert archive.stories() == groups("a", "b")


def test_unrelated_texts_have_no_relation() -> None:
    assert related(text(1), text(2)) is None


def test_texts_in_different_languages_are_no_copies() -> None:
    assert related(text(1), edited(text(1), 0.05, dice(2)), language="de").kind != "copy"  # type: ignore[union-attr]
    assert related(text(1), edited(text(1), 0.05, dice(2)), language="en-GB").kind == "copy"  # type: ignore[union-attr]


def test_a_relation_does_not_depend_on_who_came_first() -> None:
    one, other = sign(text(1)), sign(edited(text(1), 0.3, dice(2)))
    (first,) = archive_of({"a": one, "b": other}).relations.values()
    (second,) = archive_of({"b": other, "a": one}).relations.values()
    assert first.story_score == second.story_score
    assert (first.containment_a, first.kind) == (second.containment_b, second.kind)


@pytest.mark.parametrize("field", ["story_score", "event_score", "containment_a", "lead3"])
def test_scores_are_the_same_in_a_float32_column(field: str) -> None:
    found = related(text(1), edited(text(1), 0.2, dice(2)))
    assert float(np.float32(getattr(found, field))) == getattr(found, field)


def test_passages_say_where_the_shared_words_stand() -> None:
    a = "One two, three four five six! Then nothing of the kind. Alpha beta gamma delta epsilon zeta eta."
    b = "«ALPHA beta gamma — delta epsilon zeta eta», he said; one two three four five six."
    found = [(a[p.a_start : p.a_end], b[p.b_start : p.b_end]) for p in passages(a, b)]
    assert found == [
        ("Alpha beta gamma delta epsilon zeta eta", "ALPHA beta gamma — delta epsilon zeta eta"),
        ("One two, three four five six", "one two three four five six"),
    ]


def test_passages_are_bounded_and_longest_first() -> None:
    shared = [" ".join(vocabulary(dice(n), 6)) for n in range(50)]
    a, b = (
        " ".join(f"{passage} {word}" for passage, word in zip(shared, vocabulary(dice(s)), strict=False))
        for s in (100, 101)
    )  # fmt: skip
    found = passages(a, b)
    assert 5 < len(found) <= 20
    lengths = [len(a[p.a_start : p.a_end].split()) for p in found]
    assert lengths == sorted(lengths, reverse=True)


# --- stories ------------------------------------------------------------------------------------


def newsroom() -> dict[str, Signed]:
    """Originals, and texts made of them in every way that makes stories hard to tell apart."""
    originals = [text(n, 8) for n in range(4)]
    made = {}
    for n, original in enumerate(originals):
        following = originals[(n + 1) % 4]
        chance = dice(100 + n)
        made[f"{n}.original"] = original
        made[f"{n}.verbatim"] = original
        made[f"{n}.light"] = edited(original, 0.05, chance)
        made[f"{n}.heavy"] = edited(original, 0.35, chance)
        made[f"{n}.half"] = " ".join(original.split()[::-1][: len(original) // 16][::-1])
        made[f"{n}.bridge"] = original + " " + following
        made[f"{n}.quote"] = text(50 + n, 6) + " " + " ".join(original.split()[:25])
    return {url: sign(body) for url, body in made.items()}


NEWSROOM = newsroom()
IN_ORDER = archive_of(NEWSROOM).stories()


@settings(max_examples=40, deadline=None)
@given(st.permutations(list(NEWSROOM)))
def test_stories_do_not_depend_on_the_order_of_arrival(order: list[str]) -> None:
    assert archive_of({url: NEWSROOM[url] for url in order}).stories() == IN_ORDER


@settings(max_examples=15, deadline=None)
@given(st.permutations(list(NEWSROOM)), st.permutations(list(NEWSROOM)))
def test_revised_texts_leave_the_stories_as_if_they_had_always_been_so(
    order: list[str], other: list[str]
) -> None:
    archive = archive_of({url: NEWSROOM[url] for url in order})
    final = dict(NEWSROOM)
    for url, source in zip(order[:6], other, strict=False):
        final[url] = NEWSROOM[source]
        archive.place(url, final[url])
    assert archive.stories() == archive_of(final).stories()


@pytest.mark.parametrize("number", range(20))
def test_an_article_that_quotes_two_stories_does_not_join_them(number: int) -> None:
    one, other = text(1000 + number), text(2000 + number)
    signed = {
        f"{name}{n}": sign(edited(body, 0.03 * n, dice(n)))
        for name, body in (("a", one), ("b", other))
        for n in range(3)
    }
    signed["bridge"] = sign(f"{one} {other}")
    found = archive_of(signed).stories()
    assert len({story for story in found if story & {"a0", "a1", "a2", "b0", "b1", "b2"}}) == 2


@pytest.mark.parametrize("copies", [1, 2])
@pytest.mark.parametrize("times", [1, 2, 3])
def test_an_article_of_half_of_each_of_two_stories_does_not_join_them(
    copies: int, times: int
) -> None:
    sides = {"a": sentences(dice(31), 12), "b": sentences(dice(32), 12 * times)}
    signed = {
        f"{name}{n}": sign(edited(" ".join(side), 0.03 * n, dice(n)))
        for name, side in sides.items()
        for n in range(copies)
    }
    signed["bridge"] = sign(" ".join(told for s in sides.values() for told in s[: len(s) // 2]))
    stories = archive_of(signed).stories()
    assert not any({"a0", "b0"} <= story for story in stories)


def test_texts_that_share_passages_are_copies_where_they_go_on_about_the_same_thing() -> None:
    shared, pool = " ".join(sentences(dice(41), 6)), vocabulary(dice(42), 100)
    alike = [" ".join([shared, *sentences(dice(n), 10, pool)]) for n in (43, 44)]
    strange = [" ".join([shared, *sentences(dice(n), 10)]) for n in (45, 46)]
    assert [related(*alike).kind, related(*strange).kind] == ["copy", "partial"]  # type: ignore[union-attr]


def test_every_member_stands_in_one_story_and_one_event_placement() -> None:
    archive = MemoryArchive(RULE)
    for url, signed in NEWSROOM.items():
        archive.place(url, signed)
        assert archive.last is not None
        placed = sorted(id_ for story in archive.last.stories for id_ in story.articles)
        assert placed == sorted(id_ for event in archive.last.events for id_ in event.articles)
        assert len(placed) == len(set(placed))
        assert archive.find(url) in placed


def test_an_oversized_component_takes_the_new_article_alone_and_says_so() -> None:
    rule = Grouping(component=10)
    archive = MemoryArchive(rule)
    for n in range(14):
        archive.place(f"copy{n}", sign(edited(text(1), 0.02, dice(n))))
    assert archive.last is not None
    assert archive.last.oversized > rule.component
    assert len(archive.stories()) == 1
    archive.place("stranger", sign(text(2)))
    assert len(archive.stories()) == 2
    assert archive.last.oversized == 0


def test_a_story_keeps_its_number_while_it_grows() -> None:
    archive = archive_of({"a": sign(text(1))})
    before = archive.articles[ArticleId(1)].member
    archive.place("b", sign(edited(text(1), 0.05, dice(1))))
    after = archive.articles[ArticleId(1)].member
    assert (after.story_id, after.event_id) == (before.story_id, before.event_id)


def test_ids_out_of_order_change_nothing() -> None:
    archive = MemoryArchive(RULE, ids=count(1000, -1))
    for url, signed in NEWSROOM.items():
        archive.place(url, signed)
    assert archive.stories() == IN_ORDER


# --- events -------------------------------------------------------------------------------------


COMMON = tokens(
    """
    about after again against all also although among because before between both could during
    each early even every first from great have here however into large last later little long
    made many might more most much must never new next often only other over people place right
    said same several should since some still such than that their there these they this those
"""
)


def report(topic: int, author: int) -> str:
    """An own report: its topic's names in its own words."""
    names, chance = vocabulary(dice(topic), 12), dice(author)
    own = sentences(chance, 12, COMMON)
    return " ".join(f"{' '.join(chance.sample(names, 3))} {sentence}" for sentence in own)


def test_reports_of_one_happening_are_one_event_of_several_stories() -> None:
    archive = archive_of(
        {f"{t}.{n}": sign(report(t, 10 * t + n)) for t in (1, 2) for n in (1, 2, 3)}
    )
    assert len(archive.stories()) == 6
    assert archive.events() == groups("1.1 1.2 1.3", "2.1 2.2 2.3")
    assert set(archive.kinds().values()) == {"same_event"}


def test_likeness_fades_with_the_days_between() -> None:
    def events(days: int | None) -> int:
        sooner = on("2026-01-01")
        sooner = replace(sooner, at=sooner.at - timedelta(days=days or 0))
        first = sign(report(1, 11), published=on("2026-01-01"))
        second = sign(report(1, 12), published=None if days is None else sooner)
        return len(archive_of({"a": first, "b": second}).events())

    assert [events(days) for days in (None, 0, 3, 365)] == [1, 1, 1, 2]


def test_copies_go_where_their_story_goes() -> None:
    signed = {f"copy{n}": sign(edited(report(1, 11), 0.02, dice(n))) for n in range(5)}
    archive = archive_of(signed | {"other": sign(report(1, 12))})
    assert len(archive.events()) == 1
    assert len(archive.stories()) == 2


# --- the canonical article ----------------------------------------------------------------------


def member(number: int, **known: object) -> Member:
    blank = Member(
        id=ArticleId(number), rank=bytes([number]), url=f"https://{number}.example/a",
        outlet=f"{number}.example", language="en", published=None, first_seen=FIRST_SEEN,
        canonical_url=None, agency=None, tokens=100, vector=Vector(b"", b""), story_id=StoryId(1),
        event_id=None,
    )  # fmt: skip
    return replace(blank, **known)  # type: ignore[arg-type]  # a test names the fields


NINE = {"published": on("2025-12-01T09:00")}


@pytest.mark.parametrize(
    ("first", "second", "winner", "reason"),
    [
        ({"canonical_url": "https://2.example/a"}, {}, 2, "point"),
        ({"canonical_url": "http://www.2.example/a/"}, {}, 2, "point"),
        ({"agency": "Reuters"}, {"outlet": "www.reuters.com"}, 2, "point"),
        ({"published": on("2025-12-02")}, {"published": on("2025-12-01")}, 2, "published first"),
        ({}, {"published": on("2025-12-01")}, 2, "published first"),
        ({"published": on("2030-01-01")}, {"tokens": 200}, 2, "most complete"),
        (NINE, {"published": on("2025-12-01T08:00")}, 2, "published first"),
        (NINE, {"published": on("2025-12-01"), "tokens": 101}, 2, "most complete"),
        ({}, {}, 1, "rank"),
    ],
)  # fmt: skip
def test_who_speaks_for_a_story(
    first: dict[str, object], second: dict[str, object], winner: int, reason: str
) -> None:
    found, why = elect([member(1, **first), member(2, **second)], RULE)
    assert found == winner
    assert reason in why


@pytest.mark.parametrize(
    ("agency", "host"),
    [("Reuters", "reuters.com"), ("AP", "apnews.com"), ("AP", "hosted.ap.org"),
     ("CP", "thecanadianpress.com"), ("PA Media", "pa.media"), ("RIA Novosti", "ria.ru"),
     ("Kyodo", "english.kyodonews.net"),
     ("Yonhap", "en.yna.co.kr"), ("China News Service", "chinanews.com.cn"), ("TT", "tt.se"),
     ("Agência Brasil", "agenciabrasil.ebc.com.br"), ("AFP", "AFP")],
)  # fmt: skip
def test_copies_that_credit_an_agency_point_to_its_own(agency: str, host: str) -> None:
    first = member(1, agency=agency, published=on("2025-12-01"))
    assert elect([first, member(2, outlet=host)], RULE)[0] == 2


@pytest.mark.parametrize(
    ("agency", "host"),
    [("TT", "news.tt"), ("AP", "notapnews.com"), ("AP", "ap.org.example"), ("Beta", "beta.example")],
)  # fmt: skip
def test_a_host_that_only_looks_like_an_agency_is_not_pointed_to(agency: str, host: str) -> None:
    first = member(1, agency=agency, published=on("2025-12-01"))
    assert elect([first, member(2, outlet=host)], RULE)[0] == 1


def test_each_agency_has_hosts() -> None:
    path = shipped("config/agencies.toml")
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    assert table["hosts"].keys() == table["spellings"].keys()
    hosts = [host for all_ in table["hosts"].values() for host in all_]
    assert len(set(hosts)) == len(hosts)
    assert all(host == urls.outlet_host(f"https://{host}/") for host in hosts)


def test_the_choice_stays_until_a_better_copy_arrives_whatever_the_order() -> None:
    first = member(1, published=on("2025-12-02"), tokens=500)
    shorter = member(2, published=on("2025-12-02"), tokens=400)
    earlier = member(3, published=on("2025-12-01"))
    assert elect([first, shorter], RULE)[0] == elect([shorter, first], RULE)[0] == 1
    assert elect([first, shorter, earlier], RULE)[0] == 3


def test_a_copy_that_tells_no_hour_makes_no_later_one_the_first() -> None:
    early = member(1, published=on("2025-12-01T08:00"), tokens=100)
    late = member(2, published=on("2025-12-01T10:00"), tokens=200)
    vague = member(3, published=on("2025-12-01"), tokens=50)
    assert elect([early, late], RULE)[0] == 1
    assert elect([early, late, vague], RULE)[0] == 1


def test_a_date_from_after_we_saw_an_article_parts_it_from_nothing() -> None:
    first = sign(report(1, 11), published=on("2026-01-01"))
    wrong = sign(report(1, 12), published=on("2036-01-01"))
    assert len(archive_of({"a": first, "b": wrong}).events()) == 1


def test_other_policies() -> None:
    long, early = member(1, tokens=500), member(2, first_seen=FIRST_SEEN - timedelta(days=1))
    assert elect([long, early], Grouping(canonical="longest"))[0] == 1
    assert elect([long, early], Grouping(canonical="first"))[0] == 2
    chosen = Grouping(preferred_outlets=("9.example", "2.example"))
    assert elect([long, early], chosen) == (2, "from a preferred outlet")


def test_a_lone_article_speaks_for_itself() -> None:
    assert elect([member(1)], RULE) == (1, "its only article")


# --- the tools ----------------------------------------------------------------------------------


def test_average_link_takes_the_mean_of_all_pairs() -> None:
    likeness = np.array([[1, 0.9, 0.5, 0], [0.9, 1, 0, 0], [0.5, 0, 1, 0], [0, 0, 0, 1]])
    assert average_link(likeness, 0.3) == [[0, 1], [2], [3]]
    assert average_link(likeness, 0.2) == [[0, 1, 2], [3]]
    assert average_link(np.zeros((0, 0)), 0.2) == []


@given(st.permutations(range(8)), st.integers(0, 1000))
def test_average_link_does_not_mind_the_order_of_rows_unless_equals_compete(
    order: list[int], seed: int
) -> None:
    half = np.random.default_rng(seed).random((8, 8))
    likeness = half + half.T
    moved = average_link(likeness[np.ix_(order, order)], 0.9)
    named = {frozenset(order[row] for row in group) for group in moved}
    assert named == {frozenset(group) for group in average_link(likeness, 0.9)}


def test_names_go_with_the_largest_share_and_never_twice() -> None:
    former = {1: 7, 2: 7, 3: 7, 4: 8, 5: None}
    split = [frozenset({1}), frozenset({2, 3, 4}), frozenset({5})]
    assert keep_names(split, former) == [None, 7, None]
    assert keep_names([frozenset({1, 4}), frozenset({2})], former) == [7, None]


def test_relating_is_symmetric() -> None:
    archive = archive_of({"a": sign(text(1)), "b": sign(edited(text(1), 0.1, dice(1)))})
    one, other = (archive.articles[ArticleId(n)] for n in (1, 2))
    assert isinstance(one, Candidate)
    assert relate(one, other, 0.5, RULE) == relate(other, one, 0.5, RULE)
