"""Real texts wrapped in boilerplate that we make up: what goes in, what must come out."""

import random
from dataclasses import dataclass

OUTLETS = ("The Harbour Ledger", "Meridian Post", "Northgate Daily", "Valley Courier")
NAMES = ("Nora Vell", "Tomas Ardin", "Ines Kowal", "Pavel Druse", "Maya Lind")
NAV = (
    "Skip to main content", "Please Wait...", "search", "close", "Menu", "Home", "World",
    "Politics", "Business", "Sport", "1. Home", "2. World", "Log in", "Subscribe", "Latest news",
    "Live TV", "40 Years of the Harbour", "Weather", "E-paper", "No Script",
)  # fmt: skip
UNDER_HEADLINE = (
    "Share this article", "Share on Facebook", "3 min read", "9 hours ago",
    "Listen to this article", "starAdd to favorites", "folder_openWorld access_time 9 hours ago",
    "Save for later", "Print this article", "Add to favorites", "By Staff, Agencies", "Copy link",
    "Follow us on Telegram",
)  # fmt: skip
BETWEEN = (
    "Read more: {other}", "Also read: {other}", "RELATED: {other}", "Advertisement",
    "ADVERTISEMENT", "Story continues below advertisement", "Sign up for our daily newsletter",
    "Watch: {other}", "See also: {other}",
    "Subscribe to our newsletter to get the latest stories in your inbox", "Read next: {other}",
)  # fmt: skip
HEADLINES = (
    "Ferry company fined over late sailings to the northern islands",
    "Council votes to keep the old market hall open for another year",
    "Lighthouse keeper retires after four decades on the cape",
    "Rail strike called off as unions and operators reach a deal",
    "New bridge across the estuary to open two months late",
    "Fishermen protest against new quota at the harbour",
    "Record harvest expected in the valley despite the dry spring",
    "Police seek witnesses after break-in at the observatory",
)
TEASER = (
    "<p>The village school has had no roof since the storm in March. Now its pupils have built one "
    "themselves, and the council wants to know who paid for the timber.</p>"
)


@dataclass(frozen=True)
class Wrapped:
    """A raw text, its headline, its body's lines in order, and the lines that are none of it."""

    raw: str
    title: str
    body: tuple[str, ...]
    boilerplate: tuple[str, ...]


def wrap(title: str, body: list[str], rng: random.Random) -> Wrapped:
    """The body between the lines that a page saved as text has around and inside it."""
    outlet = rng.choice(OUTLETS)
    head = _head(title, outlet, rng)
    inside = _inside(body, rng)
    tail = _tail(title, outlet, rng)
    extra = [*head, *(line for line in inside if line is not None), *tail]
    lines = list(head)
    for line, before in zip(body, inside, strict=True):
        lines += [before] if before else []
        lines.append(line)
    if rng.random() < 0.3:
        lines[len(head)] = (
            f"This article is more than\n{rng.randint(2, 9)} year old{lines[len(head)]}"
        )
    return Wrapped("\n".join([*lines, *tail]), title, tuple(body), tuple(extra))


def _head(title: str, outlet: str, rng: random.Random) -> list[str]:
    dated = f"{rng.choice(NAMES)} Published March {rng.randint(1, 28)}, 2024 | 0{rng.randint(1, 9)}:15 AM"
    by = rng.choice(
        [f"By {rng.choice(NAMES)}", dated, "Published: 2024-03-05 10:15", "March 5, 2024"]
    )
    return [
        *[f" date 2024-03-05 {outlet}"][: rng.randint(0, 1)],
        *rng.sample(NAV, rng.randint(0, 8)),
        *[title] * rng.randint(1, 2),
        *[by][: rng.randint(0, 1)],
        *rng.sample(UNDER_HEADLINE, rng.randint(0, 4)),
    ]


def _inside(body: list[str], rng: random.Random) -> list[str | None]:
    """For each line of the body, what stands before it."""
    found: list[str | None] = [None] * len(body)
    for at in range(1, len(body)):
        if rng.random() < 0.1:
            found[at] = rng.choice(BETWEEN).format(other=rng.choice(HEADLINES))
    later = [line for line in body[1:] if len(line) > 160]
    if later and rng.random() < 0.3:
        found[0] = rng.choice(later)
    return found


def _tail(title: str, outlet: str, rng: random.Random) -> list[str]:
    others = rng.sample(HEADLINES, 3)
    related = [
        line
        for other in (*others, title)
        for line in (other, other, rng.choice(["9 hours ago", "one day ago", "2 days ago"]))
    ]
    blocks = (
        ["Comments"],
        [rng.choice(["1. Related News", "Related News", "Related Stories", "Most read"]), *related],
        ["Newer articles", TEASER],
        ["Share this story", "Facebook", "Twitter", "WhatsApp"],
        [f"Read more: {others[0]}"],
    )
    chosen = [line for block in rng.sample(blocks, rng.randint(0, 4)) for line in block]
    owner = [
        f"Copyright © 2024 {outlet}. All rights reserved.",
        "Last Update: 05-03-2024 Hour: 01:45",
    ]
    return [*[title][: rng.randint(0, 1)], *chosen, *owner[: rng.randint(0, 2)]]
