"""The endpoint answers its callers, whatever the database or another client does."""

import socket
import time
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from structlog.testing import capture_logs

from ingester import metrics
from ingester.errors import ConfigurationError, DatabaseUnavailable


def ask(port: int, path: str) -> tuple[int, str]:
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=3) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_figures_and_outcomes_are_told() -> None:
    metrics.tell("poll", "parsed", feed="https://a.example/feed")
    with metrics.endpoint("127.0.0.1", 0, lambda: {"articles": 3.0}, lambda: True) as port:
        status, text = ask(port, "/metrics")
        assert ask(port, "/healthz") == (200, "ok\n")
        assert ask(port, "/")[0] == 404
    assert status == 200
    assert "ingester_articles 3.0" in text
    assert "ingester_database_up 1.0" in text
    assert 'ingester_outcomes_total{leg="poll",outcome="parsed",reason=""}' in text


def test_an_outcome_that_wants_a_person_is_a_warning() -> None:
    with capture_logs() as told:
        metrics.tell("group", "oversized", articles=501)
        metrics.tell("group", "stored")
    assert [line["log_level"] for line in told] == ["warning", "info"]


def test_a_database_that_is_away_is_told() -> None:
    with metrics.endpoint("127.0.0.1", 0, dict, lambda: False) as port:
        assert ask(port, "/healthz") == (503, "the database does not answer\n")


def away() -> dict[str, float]:
    raise DatabaseUnavailable("no Postgres answers")


@pytest.mark.parametrize("healthy", [True, False])
def test_what_is_counted_is_told_while_the_database_is_away(healthy: bool) -> None:
    metrics.tell("poll", "failed", feed="https://a.example/feed")
    with metrics.endpoint("127.0.0.1", 0, away, lambda: healthy) as port:
        status, text = ask(port, "/metrics")
    assert status == 200
    assert "ingester_database_up 0.0" in text
    assert 'ingester_outcomes_total{leg="poll",outcome="failed",reason=""}' in text


def test_a_client_that_says_nothing_holds_nobody_up() -> None:
    with (
        metrics.endpoint("127.0.0.1", 0, dict, lambda: True) as port,
        socket.create_connection(("127.0.0.1", port)),
    ):
        assert ask(port, "/healthz")[0] == 200
        begun = time.monotonic()
    assert time.monotonic() - begun < 4


def test_a_port_that_is_taken_is_told_plainly() -> None:
    with (
        metrics.endpoint("127.0.0.1", 0, dict, lambda: True) as port,
        pytest.raises(ConfigurationError, match=r"service\.port"),
        metrics.endpoint("127.0.0.1", port, dict, lambda: True),
    ):
        pass
