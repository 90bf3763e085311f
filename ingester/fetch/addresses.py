"""Which addresses may be dialled: checked on the very address, after DNS, for every connection.

A check of the URL, or of a first look-up, is no check: names resolve differently a moment later,
and an address has many spellings.
"""

import errno
import socket
from collections.abc import Callable, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Any, TypeAlias

Network: TypeAlias = IPv4Network | IPv6Network
AddressInfo: TypeAlias = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, Any]
"""As `socket.getaddrinfo` gives it."""

Dialler: TypeAlias = Callable[[AddressInfo], socket.socket]
"""Gives the socket that will be connected to an address; an OSError keeps it from being so."""

# Everything that is not the public internet. Source: IANA's special-purpose address registries
# for IPv4 and IPv6, read 2026-11; Azure's wire server from its own documentation.
_DENIED: tuple[Network, ...] = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier NAT; Alibaba's metadata
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's wire server
        "169.254.0.0/16",  # link-local; most clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments; Oracle's metadata
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved; broadcast
        # All but 2000::/3, the global unicast range: ::1, ::127.0.0.1, ::ffff:0:0/96, NAT64,
        # discard, local, link-local, site-local, multicast.
        "::/3",
        "4000::/2",
        "8000::/1",
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarking
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address inside
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)


class ForbiddenAddress(PermissionError):
    """An address that may not be dialled; a retry does not help."""

    def __init__(self, message: str) -> None:
        super().__init__(errno.EACCES, message)


class Guard:
    """A dialler that gives a socket only for addresses that may be dialled.

    `allowed` networks are exempt, with all their ports; elsewhere only `ports` are dialled.
    """

    def __init__(self, allowed: Sequence[Network], ports: frozenset[int], dial: Dialler) -> None:
        self._allowed = tuple(allowed)
        self._ports = ports
        self._dial = dial

    def __call__(self, info: AddressInfo) -> socket.socket:
        """The socket to connect; raises ForbiddenAddress."""
        address, port = ip_address(info[4][0]), info[4][1]
        if not _within(address, self._allowed):
            self._check(address, port)
        return self._dial(info)

    def _check(self, address: IPv4Address | IPv6Address, port: int) -> None:
        if _within(address, _DENIED):
            raise ForbiddenAddress(f"{address} is no public address; see fetch.allow_networks")
        if port not in self._ports:
            raise ForbiddenAddress(f"port {port} is not among fetch.ports")


def open_socket(info: AddressInfo) -> socket.socket:
    """A fresh socket of the address's kind."""
    family, kind, protocol, _, _ = info
    return socket.socket(family, kind, protocol)


def _within(address: IPv4Address | IPv6Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)
