"""`config`: the effective settings."""

import json
import os
import tomllib
from typing import Any

import click

from ingester import settings
from ingester.cli.logs import mask
from ingester.cli.options import Options
from ingester.cli.output import write_json
from ingester.settings import Settings

_ALIASES = {"database.url": "DATABASE_URL", "database.url_file": "DATABASE_URL_FILE"}


@click.command("config")
@click.option("--json", "as_json", is_flag=True, help="As one line of JSON.")
@click.pass_obj
def config(options: Options, as_json: bool) -> None:
    """The effective settings, and where each one that is no default comes from.

    The file is overruled by the environment, the environment by the command line. Passwords are
    masked. The output is a settings file itself.

    \b
    Examples:
      ingester config
      INGESTER_POLL__INTERVAL_S=300 ingester config | grep interval_s
      ingester config --json | jq .settings.fetch
    """
    values = shown(options.effective())
    sources = {key: source for key in _keys(values) if (source := _source(key, options))}
    if as_json:
        write_json({"file": str(options.source), "settings": values, "sources": sources})
    else:
        click.echo(f"# file: {options.source}")
        click.echo(_toml(values, sources))


def shown(effective: Settings) -> dict[str, dict[str, Any]]:
    """The settings as plain values by section, passwords masked."""
    values: dict[str, dict[str, Any]] = effective.model_dump(mode="json")
    url = effective.database.url
    values["database"]["url"] = url and mask(url.get_secret_value())
    values["fetch"]["ports"] = sorted(effective.fetch.ports)
    return values


def _toml(values: dict[str, dict[str, Any]], sources: dict[str, str]) -> str:
    lines = []
    for section, entries in values.items():
        lines.append(f"\n[{section}]")
        for name, value in entries.items():
            source = sources.get(f"{section}.{name}")
            # JSON's strings, numbers, booleans and lists are TOML's, too
            said = f"# {name} is not set" if value is None else f"{name} = {json.dumps(value)}"
            lines.append(f"{said}  # from {source}" if source else said)
    return "\n".join(lines)


def _keys(values: dict[str, dict[str, Any]]) -> list[str]:
    return [f"{section}.{name}" for section, entries in values.items() for name in entries]


def _source(key: str, options: Options) -> str | None:
    """Where a setting was given, the last word first; None for a default."""
    section, name = key.split(".")
    if name in options.overrides.get(section, {}):
        return "the command line"
    variables = (f"INGESTER_{section}__{name}".upper(), _ALIASES.get(key, ""))
    for variable in variables:
        if os.environ.get(variable):
            return variable
    given = tomllib.loads(options.source.read_text(encoding="utf-8"))
    if name not in given.get(section, {}):
        return None
    here, default = settings.read(options.source), settings.Settings()
    changed = getattr(getattr(here, section), name) != getattr(getattr(default, section), name)
    return str(options.source) if changed else None
