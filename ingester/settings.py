"""Every setting, read once at the edge and frozen: file, then environment, then command line.

`config/ingester.toml` lists them all with their defaults and units. An environment variable is
`INGESTER_<SECTION>__<NAME>`; `DATABASE_URL` and `DATABASE_URL_FILE` stand for the `database`
section's `url` and `url_file`.
"""

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any, Literal

from platformdirs import user_data_path
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from ingester.errors import ConfigurationError


class _Section(BaseModel):
    """A section of the file: frozen, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Database(_Section):
    """Where the archive lives."""

    url: SecretStr | None = None
    url_file: Path | None = None
    data_dir: Path = Field(default_factory=lambda: user_data_path("ingester"))
    connections: int = Field(8, ge=2, le=200)


class Poll(_Section):
    """How often feeds are asked, and when they are given up."""

    interval_s: float = Field(900, gt=0)
    shortest: float = Field(1 / 3, gt=0, le=1)
    longest: float = Field(12, ge=1)
    max_items: int = Field(2000, ge=1)
    max_pages: int = Field(10, ge=0)
    whole_every: int = Field(10, ge=1)
    moved_polls: int = Field(10, ge=1)
    moved_days: float = Field(7, ge=0)
    dead_errors: float = Field(10, gt=0)
    dead_days: float = Field(14, ge=0)
    dead_interval_days: float = Field(7, gt=0)


class Fetch(_Section):
    """How pages and feeds are fetched; each guard's reason stands in docs/choices.md."""

    user_agent: str = "news-archive-ingester/0.1"
    contact: str | None = None
    concurrency: int = Field(32, ge=1, le=1000)
    deadline_s: float = Field(30, gt=0)
    patience_s: float = Field(120, gt=0)
    connect_timeout_s: float = Field(10, gt=0)
    max_bytes: int = Field(8_000_000, ge=1000)
    max_redirects: int = Field(5, ge=0)
    host_delay_s: float = Field(1, ge=0)
    rest_s: float = Field(60, gt=0)
    longest_rest_s: float = Field(86_400, gt=0)
    robots: bool = True
    opt_outs: frozenset[Literal["tdm", "noarchive", "noindex", "noai"]] = frozenset(
        {"tdm", "noarchive"}
    )
    ports: frozenset[int] = frozenset({80, 443, 8000, 8080, 8443})
    allow_networks: tuple[IPv4Network | IPv6Network, ...] = ()


class Extract(_Section):
    """The cages that pages are read in."""

    processes: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1)
    cpu_s: float = Field(5, gt=0)
    deadline_s: float = Field(10, gt=0)
    memory_mb: int = Field(1024, ge=128)
    # Each about six times the most of 237 pages: 50 attributes, 3,000 tags, 807 lines, 65,542 characters.
    max_attributes: int = Field(300, ge=10)
    max_tags: int = Field(20_000, ge=100)
    max_lines: int = Field(5000, ge=100)
    max_characters: int = Field(400_000, ge=1000)
    min_characters: int = Field(250, ge=0)
    min_sentences: int = Field(1, ge=0)
    same_text: int = Field(3, ge=1)
    phrases: Path | None = None
    site_rules: Path | None = None
    learned_days: int = Field(90, ge=1)
    cluster: str | None = None


class Grouping(_Section):
    """When articles are one story, and stories one event; see docs/grouping.md."""

    window_days: int = Field(30, ge=1)
    bucket: int = Field(200, ge=2)
    term_bucket: int = Field(50, ge=2)
    candidates: int = Field(50, ge=1)
    # ECB+ has copies of 24 to 39 words; eight shared runs of five words guard shorter texts.
    min_tokens: int = Field(20, ge=1)
    min_shared: int = Field(8, ge=1)
    # The least that reaches .90 recall of C5 ≥ .2 on ECB+; lower would join what is only quoted.
    join: float = Field(0.235, gt=0, lt=1)
    partial: float = Field(0.05, gt=0, lt=1)
    # Above ECB+'s optimum (.27): archives hold more neighbouring events than ECB+ does.
    event_join: float = Field(0.3, gt=0, lt=1)
    event_pair: float = Field(0.4, gt=0, lt=1)
    # Some same-event reports come weeks apart: 21 days cost .02 of ECB+'s ARI, 90 to 180 nothing.
    event_half_life_days: float = Field(90, gt=0)
    # At 200 a placement takes .3 s of processor time and a story 28 MB of relations; both grow as the square.
    component: int = Field(200, ge=10)
    event_stories: int = Field(100, ge=10)
    canonical: Literal["policy", "first", "longest"] = "policy"
    preferred_outlets: tuple[str, ...] = ()


class Revisit(_Section):
    """When a page that gave an article is fetched again, to see whether it was changed."""

    after_s: tuple[float, ...] = (3600, 86_400, 604_800)


class Retry(_Section):
    """How a failure that may pass is tried again."""

    attempts: int = Field(5, ge=1)
    crashes: int = Field(3, ge=1)
    first_s: float = Field(60, gt=0)
    longest_s: float = Field(86_400, gt=0)
    lease_s: float = Field(300, gt=0)


class Retention(_Section):
    """How long what can be done without is kept; articles and what was seen are kept for good."""

    pages_days: int | None = Field(None, ge=1)
    keys_days: int | None = Field(None, ge=1)
    polls_days: int | None = Field(400, ge=1)


class Service(_Section):
    """The background service."""

    tick_s: float = Field(2, gt=0)
    drain_s: float = Field(8, gt=0)
    host: str = "127.0.0.1"
    port: int = Field(9464, ge=0, le=65535)
    log: Literal["auto", "console", "json"] = "auto"


class Settings(BaseSettings):
    """All of them, frozen."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="INGESTER_", env_nested_delimiter="__"
    )

    database: Database = Database()
    poll: Poll = Poll()
    fetch: Fetch = Fetch()
    extract: Extract = Extract()
    grouping: Grouping = Grouping()
    revisit: Revisit = Revisit()
    retry: Retry = Retry()
    retention: Retention = Retention()
    service: Service = Service()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the base class's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as above
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as above
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file, which arrives as the constructor's arguments."""
        return env_settings, init_settings


def read(path: Path | None = None, **overrides: Mapping[str, Any]) -> Settings:
    """The effective settings: `path` (TOML), then the environment, then `overrides` by section.

    Raises ConfigurationError, naming the file, the key and the nearest known key; mend and retry.
    """
    _assert_environment()
    values = _file(path) if path else {}
    for section, known in _database_environment().items():
        values[section] = {**values.get(section, {}), **known}
    try:
        settings = Settings(**values)
        settings = settings.model_copy(update=dict(_overridden(settings, overrides)))
    except ValidationError as error:
        raise ConfigurationError(_explain(error, path)) from None
    except SettingsError as error:
        raise ConfigurationError(
            f"environment: {error}; lists are JSON there, as in INGESTER_FETCH__PORTS='[80, 443]'"
        ) from None
    _assert_folders(settings.extract)
    return settings


def database_url(settings: Settings) -> str | None:
    """The server's URL as configured, or None for the embedded Postgres.

    Raises ConfigurationError where `url_file` can't be read.
    """
    database = settings.database
    if database.url is not None:
        return database.url.get_secret_value()
    if database.url_file is None:
        return None
    try:
        return database.url_file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigurationError(
            f"DATABASE_URL_FILE: {error.strerror}: {error.filename}; name a readable file"
        ) from None


def shipped(name: str) -> Path:
    """The path of a file that comes with the program: `schema.sql`, `config/...`, `seeds/...`.

    From an installed wheel or from a checkout, whichever this is.
    """
    package = Path(str(resources.files("ingester")))
    installed = package / "shipped" / name
    return installed if installed.exists() else package.parent / name


def _overridden(
    settings: Settings, overrides: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[str, _Section]]:
    for name, values in overrides.items():
        section: _Section = getattr(settings, name)
        yield name, type(section).model_validate({**section.model_dump(), **values})


def _file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}; name a readable file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: not TOML: {error}") from None


def _database_environment() -> dict[str, dict[str, str | None]]:
    """DATABASE_URL and DATABASE_URL_FILE, as settings; the URL wins over the file."""
    given = {"url": os.environ.get("DATABASE_URL"), "url_file": os.environ.get("DATABASE_URL_FILE")}
    known = {name: value for name, value in given.items() if value}
    return {"database": {"url": None, **known}} if known else {}


def _assert_environment() -> None:
    """A variable that is spelled almost right would else be overlooked."""
    known = [f"INGESTER_{key.replace('.', '__')}".upper() for key in known_keys()]
    for name in os.environ:
        if name.upper().startswith("INGESTER_") and name.upper() not in known:
            nearest = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0)[0]
            raise ConfigurationError(
                f"environment: unknown setting {name!r}; did you mean {nearest!r}?"
            )


def _assert_folders(extract: Extract) -> None:
    """A folder that is not there would read as one that says nothing."""
    for name in ("phrases", "site_rules"):
        folder = getattr(extract, name)
        if folder is not None and not folder.is_dir():
            raise ConfigurationError(
                f"extract.{name}: {folder} is no folder; name one that is there"
            )


def _explain(error: ValidationError, path: Path | None) -> str:
    """One line a fault, with the key, and the nearest known one where it is unknown."""
    where = str(path) if path else "environment"
    return "\n".join(f"{where}: {_fault(dict(fault))}" for fault in error.errors())


def _fault(fault: dict[str, Any]) -> str:
    key = ".".join(str(part) for part in fault["loc"])
    if fault["type"] != "extra_forbidden":
        return f"{key}: {fault['msg']} (given: {fault['input']!r})"
    nearest = difflib.get_close_matches(key, list(known_keys()), n=1, cutoff=0)
    return f"unknown setting {key!r}; did you mean {nearest[0]!r}?"


def known_keys() -> Iterator[str]:
    """Every setting's key, as `section.name`."""
    for section, field in Settings.model_fields.items():
        yield section
        annotation = field.annotation
        assert isinstance(annotation, type)  # noqa: S101 - every section is a class, above
        for name in getattr(annotation, "model_fields", {}):
            yield f"{section}.{name}"
