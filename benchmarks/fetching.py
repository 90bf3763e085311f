"""What a fetch costs its client, and what the hosts see of two clients that share one archive.

    python -m benchmarks.fetching [FETCHES]

Two processes ask 200 hosts on loopback, with turns kept in an embedded Postgres; the server notes
when each request came and was answered. Printed: requests, those that overlapped or came early for
their host, and the clients' CPU time a request, Postgres and the server apart; before it that of bare
aiohttp, without turns or guards, for a measure of the machine. Then what a claim of a
link takes where nothing else waits, and behind 50,000 links of a host that rests. The exit code is 1 where
a promise is broken.
"""

import asyncio
import multiprocessing as mp
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import text

from ingester import embedded, settings, store
from ingester.fetch import Fetcher
from ingester.models import Request, Response
from ingester.settings import Fetch
from ingester.store import schema
from tests.loopback import Here
from tests.turns import Memory

HOSTS = 200
DELAY_S = 0.1
CLIENTS = 2
MOST_CPU_MS = 2.0
"""Of a client's processor time may a request take, beside extraction."""

EARLY_S = 0.002
"""The clocks of Postgres and of the server may differ by so much."""

BODY = b"<html><p>" + b"Rain is expected in the north. " * 1000 + b"</p></html>"

_LINKS = """
INSERT INTO entry (url, url_sha256, host, origin, next_at)
SELECT host || '/' || n, sha256(convert_to(host || '/' || n, 'UTF8')), host, 'feed', now() - interval '1 h'
FROM (SELECT :name || h AS host FROM generate_series(1, :hosts) h) hosts, generate_series(1, :each) n
"""
_RESTS = "INSERT INTO host (host, free_at) VALUES ('resting1', now() + interval '1 h')"
_GIVEN_BACK = "UPDATE entry SET claimed_until = NULL, attempts = 0 WHERE claimed_until IS NOT NULL"

Spans = dict[str, list[tuple[float, float]]]


def serve(port: Any, done: Any, noted: Any) -> None:
    spans: Spans = defaultdict(list)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            begun = time.monotonic()
            self.send_response(200)
            self.send_header("Content-Length", str(len(BODY)))
            self.end_headers()
            self.wfile.write(BODY)
            spans[str(self.headers["Host"])].append((begun, time.monotonic()))

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port.put(server.server_port)
        done.wait()
        server.shutdown()
    noted.put(dict(spans))


def ask(number: int, url: str | None, port: int, fetches: int, costs: Any) -> None:
    """One client: its fetches, in the order of hosts; without a database where `url` is None."""
    guards = Fetch(
        allow_networks=(ip_network("127.0.0.0/8"),),
        robots=False,
        opt_outs=frozenset(),
        host_delay_s=DELAY_S,
    )
    turns: Any = Memory()
    if url:
        held = settings.read()
        archive = store.open_archive(store.connect(url, held), held, schema.latest())
        turns = store.Turns(archive)
    pages = [f"http://h{n % HOSTS}.example:{port}/{number}/{n}" for n in range(fetches)]
    with Fetcher(guards, turns, resolver=Here()) as fetcher, ThreadPoolExecutor(32) as threads:
        begun = time.process_time()
        answers = list(threads.map(lambda page: fetcher.get(Request(page, "text/html")), pages))
        cost = time.process_time() - begun
    costs.put((cost, sum(isinstance(answer, Response) for answer in answers)))


def bare(number: int, _: str | None, port: int, fetches: int, costs: Any) -> None:
    """What aiohttp alone takes for as many pages of the same server."""

    async def page(session: aiohttp.ClientSession, at: asyncio.Semaphore, path: str) -> int:
        async with at, session.get(path) as reply:
            return len(await reply.read())

    async def pages() -> int:
        at = asyncio.Semaphore(32)
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            read = [page(session, at, f"/{number}/{n}") for n in range(fetches)]
            return sum(size == len(BODY) for size in await asyncio.gather(*read))

    begun = time.process_time()
    answered = asyncio.run(pages())
    costs.put((time.process_time() - begun, answered))


def serve_clients(
    client: Callable[..., None], url: str | None, fetches: int, clients: int
) -> tuple[list[tuple[float, int]], float, Spans]:
    """The cost and the answers of each client, the seconds that all took, and what the server saw."""
    port, noted, costs, done = mp.Queue(), mp.Queue(), mp.Queue(), mp.Event()  # type: ignore[var-annotated] # of anything
    mp.Process(target=serve, args=(port, done, noted)).start()
    at = port.get()
    begun = time.monotonic()
    for number in range(clients):
        mp.Process(target=client, args=(number, url, at, fetches // clients, costs)).start()
    told = [costs.get() for _ in range(clients)]
    seconds = time.monotonic() - begun
    done.set()
    return told, seconds, noted.get()


def measure(fetches: int) -> None:
    """Prints what a request costs aiohttp alone, here and now."""
    [(cost, answered)], seconds, _ = serve_clients(bare, None, fetches, 1)
    print(f"bare aiohttp  clients 1  answered {answered}  {answered / seconds:.0f}/s  "
          f"client CPU {cost / answered * 1000:.2f} ms a request")  # fmt: skip


def run(url: str | None, fetches: int, clients: int) -> list[str]:
    """Ask for so many pages by so many clients; gives the promises that were broken."""
    told, seconds, spans = serve_clients(ask, url, fetches, clients)
    pauses = [b[0] - a[1] for host in spans.values() for a, b in pairwise(sorted(host))]
    answered = sum(number for _, number in told)
    cpu = sum(cost for cost, _ in told) / answered * 1000
    overlaps = sum(pause < 0 for pause in pauses)
    early = sum(0 <= pause < DELAY_S - EARLY_S for pause in pauses)
    print(
        f"{'in Postgres ' if url else 'in memory   '}  clients {clients}  answered {answered}  "
        f"overlaps {overlaps}  early {early}  "
        f"least pause {min(pauses, default=0):.3f} s  {answered / seconds:.0f}/s  "
        f"client CPU {cpu:.2f} ms a request"
    )
    asked = fetches // clients * clients
    broken = {
        f"{asked - answered} of {asked} requests had no answer": answered < asked,
        f"{overlaps} requests overlapped, {early} came early for their host": overlaps + early > 0,
        f"{cpu:.2f} ms of CPU a request, at most {MOST_CPU_MS} are promised": cpu > MOST_CPU_MS,
    }
    return [what for what, is_so in broken.items() if is_so]


def claims(url: str) -> None:
    """What claims of links on 200 hosts take, before and after a resting host has a backlog."""
    held = settings.read()
    archive = store.open_archive(store.connect(url, held), held, schema.latest())
    _run(archive, _LINKS, name="free", hosts=HOSTS, each=20)
    _run(archive, _RESTS)
    for resting in (0, 50_000):
        _run(archive, _LINKS, name="resting", hosts=1, each=resting)
        _run(archive, _GIVEN_BACK)
        begun = time.perf_counter()
        assert all(store.claim_entry(archive) for _ in range(HOSTS))
        seconds = (time.perf_counter() - begun) / HOSTS
        print(f"links that wait for a resting host {resting:6}  claims {1 / seconds:.0f}/s  "
              f"{seconds * 1000:.2f} ms each")  # fmt: skip


def _run(archive: store.Archive, statement: str, **values: object) -> None:
    with archive.engine.begin() as connection:
        connection.execute(text(statement), values)


def main() -> None:
    fetches = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    measure(fetches // 4)
    broken = run(None, fetches // 4, 1)
    with tempfile.TemporaryDirectory() as folder, embedded.running(Path(folder)) as url:
        schema.install(store.connect(url, settings.read()))
        broken += run(url, fetches, CLIENTS)
        claims(url)
    if broken:
        sys.exit("\n".join(broken))


if __name__ == "__main__":
    mp.set_start_method("forkserver")
    main()
