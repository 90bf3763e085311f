"""The common faults of feeds, mended so that a strict parser takes them.

Lenient parsers mend too, but they read `?a=1&copy=2` as `?a=1©=2`: an ampersand that opens no
reference is text.
"""

import html
import re
from html.entities import html5

_CDATA = b"<![CDATA["
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\r"))
_REFERENCE = re.compile(rb"&(?:(#(?:\d{1,7}|[xX][0-9a-fA-F]{1,6}));|([a-zA-Z][a-zA-Z0-9]{1,31});)?")
_XML_NAMES = {b"amp", b"lt", b"gt", b"quot", b"apos"}
_DECLARATION = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)")
_STRAY_SHARE = 0.1


def mended(body: bytes) -> bytes:
    """The feed without bare ampersands, HTML's entities, control characters and stray bytes.

    As it is where these can't be told: it declares its own entities, or is in UTF-16.
    """
    if b"\0" in body[:4] or b"<!ENTITY" in body:
        return body
    first, *rest = _utf8(body).translate(None, _CONTROLS).split(_CDATA)
    return _references(first) + b"".join(_after_cdata(piece) for piece in rest)


def _after_cdata(piece: bytes) -> bytes:
    """A piece that opens inside a CDATA section, where an ampersand is text already."""
    inside, end, outside = piece.partition(b"]]>")
    return _CDATA + inside + end + _references(outside)


def _references(text: bytes) -> bytes:
    return _REFERENCE.sub(_reference, text)


def _reference(found: re.Match[bytes]) -> bytes:
    number, name = found.groups()
    if name in _XML_NAMES:
        return found[0]
    whole = found[0].decode()
    characters = html.unescape(whole) if number else html5.get(whole[1:])  # "" for NUL and the like
    if characters is None:
        return b"&amp;" + found[0][1:]
    return b"".join(b"&#%d;" % ord(character) for character in characters)


def _utf8(body: bytes) -> bytes:
    """The same, stray bytes replaced, where it is said to be UTF-8 and nearly is."""
    declared = _DECLARATION.match(body)
    if declared and declared[1].lower() not in {b"utf-8", b"utf8"}:
        return body
    text = body.decode("utf-8", "replace")
    foreign = len(text) - len(text.encode("ascii", "ignore"))
    stray = text.count("\ufffd")
    return text.encode() if 0 < stray <= foreign * _STRAY_SHARE else body
