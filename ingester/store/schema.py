"""The schema: installed in an empty database from schema.sql, brought up to date by numbered steps."""

from importlib import resources
from typing import Any

from sqlalchemy import Connection, Engine, func, select, text

from ingester.settings import shipped

_LOCK = 0x696E6765
"""One installer at a time; the number spells "inge"."""


def install(engine: Engine) -> None:
    """Make the schema where there is none; several programs may do this at once."""
    with engine.begin() as connection:
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        if version(connection) is None:
            execute(connection, shipped("schema.sql").read_text(encoding="utf-8"))


def migrate(engine: Engine) -> tuple[int, ...]:
    """Bring an older schema up to date, in one transaction; gives the steps taken."""
    with engine.begin() as connection:
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        held = version(connection) or 0
        taken = tuple(step for step in steps() if step > held)
        for step in taken:
            execute(connection, steps()[step])
            connection.execute(text("UPDATE archive SET version = :step"), {"step": step})
    return taken


def version(connection: Connection) -> int | None:
    """The schema's version, or None where none is installed."""
    if connection.exec_driver_sql("SELECT to_regclass('archive')").scalar_one() is None:
        return None
    return int(connection.exec_driver_sql("SELECT version FROM archive").scalar_one())


def steps() -> dict[int, str]:
    """The migrations by number, each a script that leads from the version before it."""
    folder = resources.files("ingester") / "migrations"
    files = sorted(file.name for file in folder.iterdir() if file.name.endswith(".sql"))
    return {int(name[:4]): (folder / name).read_text(encoding="utf-8") for name in files}


def latest() -> int:
    """The version that this program wants."""
    return max(steps())


def execute(connection: Connection, script: str) -> None:
    """Run a script of several statements: without parameters, and unprepared, the driver takes them."""
    driver: Any = connection.connection.driver_connection  # psycopg's own, not typed there
    after, driver.prepare_threshold = driver.prepare_threshold, None
    try:
        connection.exec_driver_sql(script, execution_options={"no_parameters": True})
    finally:
        driver.prepare_threshold = after
