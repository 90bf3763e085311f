"""A TCP door to Postgres on loopback that can be shaken: cut, delayed, and robbed of a COMMIT's reply."""

import random
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress
from types import TracebackType
from typing import BinaryIO, Literal, Self

Moment = Literal["before", "after"]
_COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
"""A simple query. Source: Postgres, "Message Formats"; psycopg sends commits so."""


class _Wire:
    """One client's connection, in both halves."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.client = client
        self.server = server
        self.mute = False

    def cut(self) -> None:
        for half in (self.client, self.server):
            with suppress(OSError):
                half.shutdown(socket.SHUT_RDWR)


class Proxy:
    """The door, while the `with` block runs."""

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._wires: set[_Wire] = set()
        self._lock = threading.Lock()
        self._calm = threading.Event()
        self._calm.set()
        self._doom: Moment | None = None
        self._struck = threading.Event()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._listener.close()
        for wire in tuple(self._wires):
            wire.cut()

    def cut(self, chance: random.Random) -> bool:
        """Cut one connection, wherever it is; gives whether there was one."""
        with self._lock:
            wires = list(self._wires)
        if wires:
            chance.choice(wires).cut()
        return bool(wires)

    def delay(self, seconds: float) -> bool:
        """Hold back every byte for a while."""
        self._calm.clear()
        threading.Timer(seconds, self._calm.set).start()
        return True

    def cut_commit(self, moment: Moment, patience_s: float) -> bool:
        """Cut the next COMMIT's connection before the server has it, or after it has answered.

        Gives whether one came in time.
        """
        self._struck.clear()
        self._doom = moment
        if self._struck.wait(patience_s):
            return True
        with self._lock:
            missed, self._doom = self._doom is not None, None
        return not missed

    def _accept(self) -> None:
        with suppress(OSError):  # closed: the storm is over
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
            try:
                server.connect(self._upstream)
            except OSError:
                return  # Postgres is down: so is its door
            wire = _Wire(client, server)
            with self._lock:
                self._wires.add(wire)
            back = threading.Thread(target=self._answer, args=(wire,), daemon=True)
            back.start()
            self._ask(wire)
            back.join()
            with self._lock:
                self._wires.discard(wire)

    def _ask(self, wire: _Wire) -> None:
        with suppress(OSError), wire.client.makefile("rb") as stream:
            for message in _messages(stream):
                self._calm.wait()
                doom = self._taken() if message == _COMMIT else None
                if doom == "before":
                    self._struck.set()
                    break
                wire.mute = doom == "after"
                wire.server.sendall(message)
        wire.cut()

    def _answer(self, wire: _Wire) -> None:
        with suppress(OSError):
            while data := wire.server.recv(65536):
                self._calm.wait()
                if wire.mute:  # it is committed, and nobody will say so
                    self._struck.set()
                    break
                wire.client.sendall(data)
        wire.cut()

    def _taken(self) -> Moment | None:
        with self._lock:
            doom, self._doom = self._doom, None
        return doom


def _messages(stream: BinaryIO) -> Iterator[bytes]:
    """A client's messages, whole. Source: Postgres, "Message Flow": the first has no type."""
    head = b""
    while len(length := stream.read(4)) == 4:
        size = struct.unpack("!I", length)[0] - 4
        body = stream.read(size)
        if len(body) < size:
            return
        yield head + length + body
        head = stream.read(1)
