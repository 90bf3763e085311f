"""Where log lines go, and how: stderr, for people on a terminal, as JSON elsewhere."""

import logging
import re
import sys
from typing import Literal

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_PASSWORD = re.compile(r"(?<=://)([^/?#\s:@]*):[^/?#\s]*(?=@)")
_SECRET = re.compile(
    r"([?&;](?:[a-z0-9]{1,20}[_.-]){0,3}(?:(?:access|auth|api|feed|user)?(?:token|key)|secret|pass(?:word|wd)?|pwd"
    r"|auth|sig(?:nature)?|(?:php|j)?sess(?:ion)?(?:[_-]?id)?|sid|jwt|credentials?|ticket)=)[^&#;\s\"'<>]+",
    re.IGNORECASE,
)
"""Parameters of URLs that open what they name: feeds of subscribers have them, and pages with sessions."""


def configure(form: Literal["auto", "console", "json"], level: int) -> None:
    """Send this program's and its libraries' log lines of `level` and above to stderr."""
    console = form == "console" or (form == "auto" and sys.stderr.isatty())
    shared: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper("iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[*shared, *_rendering(console)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    _configure_libraries(shared, _rendering(console))


def mask(text: str) -> str:
    """The text with what its URLs keep secret masked: passwords, and parameters named like one."""
    return _SECRET.sub(r"\1***", _PASSWORD.sub(r"\1:***", text))


def _rendering(console: bool) -> list[Processor]:
    renderer = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if console
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    return [structlog.processors.format_exc_info, _masked, renderer]


def _masked(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:  # noqa: ARG001 - structlog's signature
    """No secret of a URL in a log line, wherever it stands."""
    return {
        key: value if isinstance(value, bool | int | float | None) else mask(str(value))
        for key, value in event.items()
    }


def _configure_libraries(shared: list[Processor], rendering: list[Processor]) -> None:
    """What the libraries warn of, in the same form."""
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[remove, *rendering]
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
