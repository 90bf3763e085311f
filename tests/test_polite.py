"""Two services on one database, as on two machines: what the hosts that they ask see of it."""

import time
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

from sqlalchemy import create_engine, text

from tests.loopback import Answer
from tests.newsroom import Newsroom, Program, until

DELAY_S = 0.2
HOSTS, PAGES = 3, 12


def test_no_host_is_asked_twice_at_once_nor_early_nor_while_it_rests(
    tmp_path: Path, database_url: str
) -> None:
    program = Program(tmp_path, database_url)
    program._environment["INGESTER_FETCH__HOST_DELAY_S"] = str(DELAY_S)
    with ExitStack() as stack:
        rooms = [stack.enter_context(Newsroom(number * 1000)) for number in range(1, HOSTS + 1)]
        rooms[0].routes["/busy.html"] = Answer(429, {"Retry-After": "3"})
        rooms[0]._urls.append(rooms[0].url("/busy.html"))
        rooms[0].publish(0)
        for room in rooms[1:]:
            room.publish(PAGES)
        program.run("feeds", "add", *(room.url("/feed.xml") for room in rooms))
        with program.running("run", log=tmp_path / "1"), program.running("run", log=tmp_path / "2"):
            assert until(lambda: "/busy.html" in rooms[0].paths())
            rooms[0].publish(PAGES)
            assert stored(database_url) == HOSTS * PAGES, (tmp_path / "1").read_text()
    for room in rooms:
        assert room.busiest == 1
        times = [asked.at for asked in room.asked]
        assert min(later - earlier for earlier, later in pairwise(times)) >= DELAY_S - 0.005
        pages = [path for path in room.paths() if path not in {"/feed.xml", "/busy.html"}]
        assert len(pages) == len(set(pages)) == PAGES
    busy = [asked.at for asked in rooms[0].asked if asked.path == "/busy.html"]
    assert min(asked.at for asked in rooms[0].asked if asked.at > busy[0]) >= busy[0] + 3


def stored(database_url: str) -> int:
    """How many articles are stored in the end, after a minute at most."""
    engine = create_engine(database_url)
    deadline, count = time.monotonic() + 60, 0
    while time.monotonic() < deadline and count < HOSTS * PAGES:
        time.sleep(0.2)
        with engine.connect() as connection:
            count = connection.execute(text("SELECT count(*) FROM article")).scalar_one()
    engine.dispose()
    return count
