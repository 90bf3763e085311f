"""Bytes to text and to one lxml tree, within limits that no page may pass."""

import codecs
import re
from contextlib import suppress

import lxml.html
from lxml import etree
from trafilatura.utils import detect_encoding

from ingester import settings

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SUPERSETS = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
"""What pages mean by the labels they use. Source: WHATWG Encoding Standard, "names and labels"."""

_SEVEN_BIT = frozenset({"iso2022_jp", "hz"})
_META = re.compile(
    rb"<meta[^<>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w.:-]{2,40})", re.IGNORECASE
)
_META_WINDOW = 4096
_SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_BROKEN_SHARE = {"utf-8": 0.4}
_BROKEN = 0.02
"""Up to these shares of undecodable bytes a charset is believed: cut-off emoji, bad inserts.

Other charsets' text breaks at nearly every byte as UTF-8, and at few as anything else.
"""

_LOOKED_AT = 4096
_ILLEGIBLE = 0.05
"""This share of unreadable characters: 237 real pages have .0005 at most, noise .1 and more in every
charset but UTF-16 (2026-11-23)."""

_TAG = re.compile(
    r"<(?:!--(?:[^-]++|-(?!->))*+"
    r"|(?P<tag>(?:(?P<raw>script|style)\b|[a-z])(?:[^=>]++|=\s*+(?:\"[^\"]*+\"|'[^']*+')?+)*+)"
    r"(?(raw)(?:[^<]++|<(?!/(?P=raw)))*+))",
    re.IGNORECASE,
)
"""A comment, or a start tag up to its ">" and what a script or style holds."""

_ATTRIBUTE = re.compile(r"[^\s>/=]++(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>]*+))?+")
_ONE_CLASS = etree.ElementDefaultClassLookup(element=lxml.html.HtmlElement)
"""lxml.html asks Python for the class of each element at each touch; nobody here needs its others."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def decode(body: bytes, charset: str | None) -> str:
    """The text of `body`: by BOM, as UTF-8, by `charset`, by its meta tag, by likeness.

    Valid UTF-8 with letters outside ASCII is taken as such whatever was declared: servers that
    name a default charset for all files are common, and no other charset looks like UTF-8.
    NUL is left out: parsers stop at it. What else nobody can read, clean() and lines.tidy() leave
    out of each string that is kept.
    """
    marked = next((each for each in _BOMS if body.startswith(each[0])), None)
    text = (
        body[len(marked[0]) :].decode(marked[1], "replace") if marked else _decoded(body, charset)
    )
    return text.replace("\0", "") if b"\0" in body else text


def is_legible(text: str) -> bool:
    """Whether what decode() gave is text, by characters from all over it: else it never was a page."""
    some = text[:: len(text) // _LOOKED_AT + 1]
    unreadable = some.count("\ufffd") + len(_CONTROL.findall(some))
    return unreadable <= _ILLEGIBLE * len(some)


def clean(text: str) -> str:
    """`text` without NUL, control characters (but tab and line ends) and lone surrogates."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n"))


def excess(html: str, limits: settings.Extract) -> str | None:
    """What of `html` passes a limit, in words, or None. Linear in its length.

    The parsers behind are quadratic in the attributes of a tag: 100,000 hold them for 40 s.
    """
    most = limits.max_attributes
    for count, found in enumerate(_TAG.finditer(html), start=1):
        if count > limits.max_tags:
            return f"more than {limits.max_tags} tags"
        begin, end = found.span("tag")
        if end - begin > 2 * most and _attributes(found["tag"]) > most:
            return f"a tag of more than {most} attributes"
    return None


def tree(html: str) -> lxml.html.HtmlElement | None:
    """One tree, at any depth, without comments; None where there is nothing to parse.

    <object> is taken out and its content left in: unclosed, it would hide the rest of the page.
    """
    parser = lxml.html.HTMLParser(
        huge_tree=True,
        encoding="utf-8",
        remove_comments=True,
        remove_pis=True,
        default_doctype=False,
        collect_ids=False,
    )
    parser.set_element_class_lookup(_ONE_CLASS)
    try:
        root = lxml.html.document_fromstring(html.encode("utf-8"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    etree.strip_tags(root, "object")
    return root


def _attributes(tag: str) -> int:
    return sum(1 for _ in _ATTRIBUTE.finditer(tag))


def _decoded(body: bytes, charset: str | None) -> str:
    declared = [name for name in map(_codec, (charset, _meta(body))) if name]
    if not _SEVEN_BIT & set(declared):
        with suppress(UnicodeDecodeError):
            return body.decode("utf-8")
        with suppress(UnicodeDecodeError):
            return _SURROGATE.sub(b"", body).decode("utf-8")
    for encoding in [*declared, "utf-8", *filter(None, map(_codec, detect_encoding(body)))]:
        text = body.decode(encoding, "replace")
        if text.count("\ufffd") <= _BROKEN_SHARE.get(encoding, _BROKEN) * _foreign(body):
            return text
    return body.decode(declared[0] if declared else "utf-8", "replace")


def _foreign(body: bytes) -> int:
    """The number of bytes outside ASCII."""
    return len(body) - len(body.translate(None, bytes(range(128, 256))))


def _meta(body: bytes) -> str | None:
    found = _META.search(body[:_META_WINDOW])
    return found.group(1).decode("ascii", "ignore") if found else None


def _codec(label: str | None) -> str | None:
    """Python's name for a charset label as pages use it, or None where there is no such charset."""
    try:
        name = codecs.lookup((label or "").strip("\"' ").removeprefix("x-")).name
        "".encode(name)
    except (LookupError, ValueError, UnicodeError):
        return None
    return _SUPERSETS.get(name, name)
