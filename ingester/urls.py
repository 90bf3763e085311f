"""One canonical URL for one page: the spelling that pages are fetched by and known by."""

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import SplitResult, quote, unquote_to_bytes, urljoin, urlsplit, urlunsplit

import idna

LONGEST = 2000
"""Characters; longer ones break caches, logs and the readers' tools."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_LINE_BREAKS = re.compile(r"[\t\r\n]+")
_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")

# Characters that stand unescaped, by RFC 3986, sections 3.3 and 3.4.
_PATH_SAFE = "/:@!$&'()*+,;="
_QUERY_SAFE = _PATH_SAFE + "?"

# Parameters that tell a click's origin and never choose the page. A name that some site may use
# for its own numbers (cid, ref, source) is none of them.
_TRACKING = re.compile(
    r"""(utm|mtm|pk|piwik|itm|guce)_.*
    | (fb|g|d|y|ys|tw|tt)clid | msclkid | gclsrc | [gw]braid | igsh(id)?  # advertisers
    | mc_[ce]id | mkt_tok | oly_(anon|enc)_id | vero_(id|conv) | _hsenc | _hsmi  # newsletters
    | _ga | _gl | s_cid | xtor | cmpid | guccounter | li_fat_id | __twitter_impression  # counters
    | ns_(campaign|mchannel|source|linkname)
    | at_(medium|campaign|format|link_(id|origin|type)) | traffic_source | smid""",
    re.VERBOSE | re.IGNORECASE,
)


def canonical(url: str, base: str | None = None) -> str | None:
    """The page's one http(s) URL, resolved against `base`; None where none can be fetched.

    As `absolute`, and without the parameters that only say where a reader came from.
    """
    fetchable = absolute(url, base)
    if fetchable is None or "?" not in fetchable:
        return fetchable
    parts = urlsplit(fetchable)
    kept = "&".join(pair for pair in parts.query.split("&") if pair and not _tracks(pair))
    return urlunsplit(parts._replace(query=kept))


def absolute(url: str, base: str | None = None) -> str | None:
    """The same resource in its one spelling, nothing of the query left out; None as `canonical`.

    Host in lower case and IDNA 2008, no default port, no fragment, dot segments resolved,
    escapes normalised. Source: RFC 3986, sections 5.2.4 and 6.2.2.
    """
    try:
        parts = urlsplit(_joined(url, base))
        authority = _authority(parts)
    except ValueError:  # brackets, ports or hosts that are none
        return None
    if authority is None:
        return None
    path = _without_dots(_escaped(parts.path, _PATH_SAFE)) or "/"
    query = _escaped(parts.query, _QUERY_SAFE)
    whole = urlunsplit((parts.scheme, authority, path, query, ""))
    return whole if len(whole) <= LONGEST else None


def host(url: str) -> str:
    """`host[:port]` of an absolute URL, the port only where it is not the scheme's own."""
    return urlsplit(url).netloc


def outlet_host(url: str) -> str:
    """The host that an outlet is known by: as `host`, without a leading `www.`."""
    return host(url).removeprefix("www.")


def _joined(url: str, base: str | None) -> str:
    """Raises ValueError for characters that no URL may hold."""
    clean = _LINE_BREAKS.sub("", url.strip())
    if _CONTROLS.search(clean):
        raise ValueError("control character")
    return urljoin(base, clean) if base else clean


def _authority(parts: SplitResult) -> str | None:
    """`host[:port]`, normalised; None for other schemes, user names, and hosts that are none."""
    if parts.scheme not in _DEFAULT_PORTS or "@" in parts.netloc:
        return None
    name = _host(parts.hostname or "")
    if name is None:
        return None
    default = parts.port in {None, _DEFAULT_PORTS[parts.scheme]}
    return name if default else f"{name}:{parts.port}"


def _host(name: str) -> str | None:
    """A name in ASCII, or an address in its one spelling.

    Addresses written as one number, in octal or in hexadecimal are refused: a resolver would take
    them for an address that no reader sees.
    """
    if ":" in name:
        return _ipv6(name)
    name = _ascii(name).removesuffix(".")
    if not _HOST.fullmatch(name) or len(name) > 253:  # noqa: PLR2004 - RFC 1035, section 2.3.4
        return None
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        return _ipv4(name)
    return name


def _ascii(name: str) -> str:
    """Raises ValueError (idna.IDNAError) where a name has no ASCII form."""
    return name if name.isascii() else idna.encode(name, uts46=True).decode()


def _ipv6(name: str) -> str | None:
    try:
        address = IPv6Address(name)
    except AddressValueError:
        return None
    return None if address.scope_id else f"[{address.compressed}]"


def _ipv4(name: str) -> str | None:
    try:
        return str(IPv4Address(name))
    except AddressValueError:
        return None


def _escaped(text: str, safe: str) -> str:
    """Percent-escapes exactly where needed, in upper case, none where a letter would do."""
    return "".join(_escaped_pieces(text, safe))


def _escaped_pieces(text: str, safe: str) -> Iterator[str]:
    end = 0
    for escape in _ESCAPE.finditer(text):
        yield quote(text[end : escape.start()], safe)
        yield quote(unquote_to_bytes(escape[0]), "")
        end = escape.end()
    yield quote(text[end:], safe)


def _without_dots(path: str) -> str:
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == ".." and len(kept) > 1:
            kept.pop()
        elif segment not in {".", ".."}:
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/".join(kept)


def _tracks(pair: str) -> bool:
    return _TRACKING.fullmatch(pair.partition("=")[0]) is not None
