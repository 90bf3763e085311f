"""Pages made to harm their reader, by kind; each is made anew by its function."""

import random
from collections.abc import Callable, Mapping
from functools import partial

from tests.newsroom import page, report

Make = Callable[[int], bytes]
"""Of the number of the honest report that is in it, so that no two are copies."""


def html(number: int, body: str, head: str = "") -> bytes:
    """A page with an honest report, and this besides."""
    title, text = report(number)
    honest = "".join(f"<p>{line}</p>" for line in text.split("\n\n"))
    top = f"<!doctype html><html><head><title>{title}</title>{head}</head><body><article><h1>{title}</h1>"
    return f"{top}{honest}{body}</article></body></html>".encode("utf-8", "surrogatepass")


def repeated(unit: str, count: int, number: int) -> bytes:
    return html(number, unit * count)


def headed(unit: str, count: int, number: int) -> bytes:
    return html(number, "", unit * count)


def attributes(form: str, count: int, number: int) -> bytes:
    return html(number, "<p " + " ".join(form.format(n) for n in range(count)) + ">x</p>")


def script(number: int, content: str, kind: str = "application/ld+json") -> bytes:
    return html(number, "", f'<script type="{kind}">{content}</script>')


def meta(number: int, name: str, content: str) -> bytes:
    return html(number, "", f'<meta property="{name}" content="{content}">')


def noise(size: int, number: int) -> bytes:
    return random.Random(number).randbytes(size)


def scrambled(number: int) -> bytes:
    """An honest page with bytes replaced here and there."""
    chance, body = random.Random(number), bytearray(page(number))
    for _ in range(200):
        body[chance.randrange(len(body))] = chance.randrange(256)
    return bytes(body)


def encoded(name: str, number: int) -> bytes:
    return page(number).decode().encode(name)


KINDS: Mapping[str, Make] = {
    "100,000 attributes": partial(attributes, 'a{}="x"', 100_000),
    "1,000 attributes": partial(attributes, 'a{}="x"', 1000),
    "900 attributes on each of 50 tags": lambda n: html(n, "<p>".join(
        "<p " + " ".join(f"a{n}=x" for n in range(900)) + ">x</p>" for _ in range(50))),
    "attributes without values": partial(attributes, "a{}", 50_000),
    "one attribute of a megabyte": partial(attributes, "a{}='" + "x" * 1_000_000 + "'", 1),
    "unclosed quote": partial(repeated, '<p a="', 20_000),
    "nested div": partial(repeated, "<div>", 10_000),
    "nested div, closed": lambda n: html(n, "<div>" * 5000 + "x" + "</div>" * 5000),
    "nested inline": partial(repeated, "<b><i>", 5000),
    "nested font": partial(repeated, "<font>x", 10_000),
    "nested table": partial(repeated, "<table><tr><td>", 3000),
    "nested lists": partial(repeated, "<ul><li>x", 5000),
    "nested quotes": partial(repeated, "<blockquote>x", 5000),
    "nested forms": partial(repeated, "<form><input>", 5000),
    "nested objects": partial(repeated, "<object>", 5000),
    "nested svg": partial(repeated, "<svg><g>", 5000),
    "nested links": partial(repeated, "<a href=x>", 10_000),
    "misnested": partial(repeated, "<b><p></b><i></p>", 5000),
    "a million tags": partial(repeated, "<p>", 1_000_000),
    "49,000 paragraphs": partial(repeated, "<p>a", 49_000),
    "49,000 links": partial(repeated, "<a href=/x>a b</a> ", 24_000),
    "100,000 breaks": partial(repeated, "<br>", 100_000),
    "1,900 breaks": partial(repeated, "x<br>", 1900),
    "end tags": partial(repeated, "</p>", 200_000),
    "unclosed comment": partial(repeated, "<!-- ", 100_000),
    "dashes in a comment": lambda n: html(n, "<!--" + "-" * 500_000 + "x"),
    "unclosed cdata": partial(repeated, "<![CDATA[", 50_000),
    "processing instructions": partial(repeated, "<?php ", 50_000),
    "unclosed script": partial(repeated, "<script>", 20_000),
    "script of a megabyte": lambda n: script(n, "var a='" + "<" * 1_000_000 + "'", "text/javascript"),
    "unclosed title": partial(headed, "<title>", 20_000),
    "unclosed textarea": partial(repeated, "<textarea>", 20_000),
    "less than": partial(repeated, "<", 500_000),
    "ampersands": partial(repeated, "&", 500_000),
    "entities": partial(repeated, "&#x41;&nbsp;&nosuch;", 40_000),
    "great entities": partial(repeated, "&#99999999999;", 40_000),
    "doctype bomb": lambda n: (
        b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>' + html(n, "&b;" * 1000)),
    "outside entity": lambda n: b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + html(n, "&x;"),
    "a word of a megabyte": partial(repeated, "a", 990_000),
    "a line of words": partial(repeated, "word ", 190_000),
    "two megabytes of text": partial(repeated, "word ", 400_000),
    "spaces": partial(repeated, " ", 2_000_000),
    "line ends": partial(repeated, "\n", 2_000_000),
    "no-break spaces": partial(repeated, "\u00a0", 300_000),
    "combining marks": partial(repeated, "\u0301", 300_000),
    "right to left marks": partial(repeated, "\u202e", 300_000),
    "nul": partial(repeated, "\0", 500_000),
    "lone surrogates": partial(repeated, "\ud800", 100_000),
    "deep JSON-LD": lambda n: script(n, '{"a":' * 50_000),
    "deep list in JSON-LD": lambda n: script(n, "[" * 100_000),
    "long JSON-LD": lambda n: script(n, '[' + '{"@type":"NewsArticle","headline":"x"},' * 20_000 + '{}]'),
    "number in JSON-LD": lambda n: script(n, '{"@type":"NewsArticle","datePublished":' + "1" * 100_000 + "}"),
    "spaces in JSON-LD": lambda n: script(n, "-->" + " " * 200_000 + "x"),
    "20,000 meta tags": partial(headed, '<meta name=author content="A B">', 20_000),
    "long title": lambda n: meta(n, "og:title", "a - " * 100_000),
    "long author": lambda n: meta(n, "author", "By " + "a and " * 100_000),
    "long date": lambda n: meta(n, "article:published_time", "2026-" * 100_000),
    "great date": lambda n: meta(n, "article:published_time", "9" * 4000 + "-01-01"),
    "long class": lambda n: html(n, '<p class="' + "article-body " * 50_000 + '">x</p>'),
    "long URL": lambda n: html(n, "", '<link rel=canonical href="http://x/' + "a/" * 200_000 + '">'),
    "long base": lambda n: html(n, "", '<base href="' + "../" * 100_000 + '">'),
    "hidden text": partial(repeated, "<p style='display:none'>x</p>", 15_000),
    "data URLs": partial(repeated, "<img src='data:image/png;base64," + "A" * 1000 + "'>", 800),
    "copyright lines": lambda n: html(n, "<p>copyright" + " " * 50_000 + "</p>"),
    "brackets": partial(repeated, "<p>" + "([{" * 1000 + "</p>", 50),
    "dashes": partial(repeated, "<p>" + "- " * 2000 + "</p>", 50),
    "figures": partial(repeated, "<p>" + "1.1," * 2000 + "</p>", 50),
    "the same paragraph": lambda n: repeated(f"<p>{report(n)[1][:200]}</p>", 4000, n),
    "UTF-16": partial(encoded, "utf-16"),
    "UTF-32": partial(encoded, "utf-32"),
    "UTF-7": partial(encoded, "utf-7"),
    "false charset": lambda n: html(n, "é" * 20_000, "<meta charset=iso-2022-jp>"),
    "unknown charset": lambda n: html(n, "é", "<meta charset=" + "x" * 5000 + ">"),
    "noise": partial(noise, 200_000),
    "noise that says it is a page": lambda n: b"<html><body>" + noise(200_000, n),
    "scrambled": scrambled,
    "cut off": lambda n: page(n)[:-700],
    "empty": lambda _: b"",
    "one byte": lambda _: b"<",
    "a PDF": lambda n: b"%PDF-1.7\n" + noise(100_000, n),
    "a gzip": lambda n: b"\x1f\x8b\x08" + noise(100_000, n),
}  # fmt: skip
