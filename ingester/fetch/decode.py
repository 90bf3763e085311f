"""A body's bytes, decoded as they arrive and never beyond a limit."""

import zlib
from typing import Protocol

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS  # zlib tells the two by their first bytes
_RAW_DEFLATE = -zlib.MAX_WBITS


class TooLarge(Exception):
    """The body is longer than the limit, as sent or once decoded."""


class Truncated(Exception):
    """The body ended early, or is damaged: another fetch may bring it whole."""


class UnknownCoding(Exception):
    """The body has a Content-Encoding that was not asked for."""


class Decoder(Protocol):
    """Takes a body's chunks, then gives the whole."""

    def feed(self, chunk: bytes) -> None:
        """Takes the next bytes; raises TooLarge or Truncated."""

    def finish(self) -> bytes:
        """The whole body; raises Truncated."""

    def begun(self) -> bytes:
        """What came so far, up to the limit."""


def decoder(coding: str, limit: int) -> Decoder:
    """The decoder for a Content-Encoding, up to `limit` bytes; raises UnknownCoding."""
    match coding.strip().lower():
        case "" | "identity":
            return _Plain(limit)
        case "gzip" | "x-gzip" | "deflate":
            return _Inflated(limit)
        case other:
            raise UnknownCoding(other)


class _Plain:
    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._body = bytearray()

    def feed(self, chunk: bytes) -> None:
        self._body += chunk
        if len(self._body) > self._limit:
            raise TooLarge(f"more than {self._limit} bytes")

    def finish(self) -> bytes:
        return bytes(self._body)

    def begun(self) -> bytes:
        return bytes(self._body[: self._limit])


class _Inflated:
    """gzip (any number of members, RFC 1952) and deflate (with or without zlib's frame).

    What arrives is limited too: empty members can go on for ever without a decoded byte.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._received = 0
        self._body = bytearray()
        self._stream: zlib._Decompress | None = None

    def feed(self, chunk: bytes) -> None:
        self._received += len(chunk)
        if self._received > self._limit:
            raise TooLarge(f"more than {self._limit} bytes")
        try:
            self._inflate(chunk)
        except zlib.error as error:
            raise Truncated(f"damaged: {error}") from None

    def finish(self) -> bytes:
        if self._stream is not None and not self._stream.eof:
            raise Truncated("the compressed body ended early")
        return bytes(self._body)

    def begun(self) -> bytes:
        return bytes(self._body[: self._limit])

    def _inflate(self, chunk: bytes) -> None:
        while chunk:
            if self._stream is None:
                self._stream = _stream(chunk)
            elif self._stream.eof:
                if not _is_gzip(chunk):
                    return  # padding after the last member
                self._stream = zlib.decompressobj(_GZIP_OR_ZLIB)
            chunk = self._inflate_member(self._stream, chunk)

    def _inflate_member(self, stream: "zlib._Decompress", chunk: bytes) -> bytes:
        """What is left of the chunk after this member's end."""
        self._body += stream.decompress(chunk, self._limit + 1 - len(self._body))
        if len(self._body) > self._limit:
            raise TooLarge(f"more than {self._limit} bytes")
        return stream.unused_data


def _stream(start: bytes) -> "zlib._Decompress":
    framed = _is_gzip(start) or _is_zlib(start)
    return zlib.decompressobj(_GZIP_OR_ZLIB if framed else _RAW_DEFLATE)


def _is_gzip(start: bytes) -> bool:
    """Whether these bytes, perhaps one only, open a gzip member (RFC 1952, section 2.3.1)."""
    return start[:2] == _GZIP_MAGIC[: len(start)]


def _is_zlib(start: bytes) -> bool:
    """Whether these bytes, perhaps one only, open a zlib stream (RFC 1950, section 2.2)."""
    whole = len(start) == 1 or int.from_bytes(start[:2], "big") % 31 == 0
    return whole and start[0] & 0x0F == zlib.DEFLATED
