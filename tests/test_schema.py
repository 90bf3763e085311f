"""schema.sql, its migrations and the named queries agree with each other."""

import re
from importlib import resources

import pytest
from sqlalchemy import Engine, text

from ingester import store
from ingester.store import schema

QUERIES = sorted(
    file.name.removesuffix(".sql")
    for file in (resources.files("ingester") / "sql").iterdir()
    if file.name.endswith(".sql")
)
CATALOGUE = """
SELECT 'column', table_name, column_name, data_type, is_nullable, column_default, generation_expression
FROM information_schema.columns WHERE table_schema = current_schema()
UNION ALL
SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), NULL, NULL, NULL
FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
UNION ALL
SELECT 'index', tablename, indexname, indexdef, NULL, NULL, NULL
FROM pg_indexes WHERE schemaname = current_schema()
UNION ALL
SELECT 'view', viewname, definition, NULL, NULL, NULL, NULL
FROM pg_views WHERE schemaname = current_schema()
UNION ALL
SELECT 'function', proname, pg_get_functiondef(oid), NULL, NULL, NULL, NULL
FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
UNION ALL
SELECT 'comment', objoid::regclass::text, objsubid::text, description, NULL, NULL, NULL
FROM pg_description d JOIN pg_class c ON c.oid = d.objoid
WHERE c.relnamespace = current_schema()::regnamespace
"""


def catalogue(engine: Engine) -> list[str]:
    """Everything that the schema holds, one line a thing, free of the schema's own name."""
    with engine.connect() as connection:
        name = connection.exec_driver_sql("SELECT current_schema()").scalar_one()
        rows = connection.execute(text(CATALOGUE)).all()
    return sorted(str(tuple(row)).replace(f"{name}.", "") for row in rows)


def test_the_migrations_give_the_database_of_schema_sql(
    archive: store.Archive, schema_name: str
) -> None:
    fresh = catalogue(archive.engine)
    with archive.engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema_name} CASCADE"))
        connection.execute(text(f"CREATE SCHEMA {schema_name}"))
        for script in schema.steps().values():
            schema.execute(connection, script)
    assert catalogue(archive.engine) == fresh


def test_a_second_install_changes_nothing(archive: store.Archive) -> None:
    before = catalogue(archive.engine)
    schema.install(archive.engine)
    assert schema.migrate(archive.engine) == ()
    assert catalogue(archive.engine) == before


@pytest.mark.parametrize("name", QUERIES)
def test_a_named_query_can_be_prepared(archive: store.Archive, name: str) -> None:
    source = (resources.files("ingester") / "sql" / f"{name}.sql").read_text(encoding="utf-8")
    names = list(dict.fromkeys(re.findall(r"(?<!:):(\w+)", source)))
    numbered = re.sub(r"(?<!:):(\w+)", lambda found: f"${names.index(found[1]) + 1}", source)
    with archive.engine.begin() as connection:
        connection.exec_driver_sql(f"PREPARE {name} AS {numbered}".replace("%", "%%"))
        connection.exec_driver_sql(f"DEALLOCATE {name}")


def test_public_views_and_their_columns_are_documented(archive: store.Archive) -> None:
    undocumented = """
        SELECT c.relname, a.attname
        FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
        LEFT JOIN pg_description d ON d.objoid = c.oid AND d.objsubid IN (0, a.attnum)
        WHERE c.relkind = 'v' AND c.relnamespace = current_schema()::regnamespace
        GROUP BY c.relname, a.attname HAVING count(d) < 2
    """
    with archive.engine.connect() as connection:
        assert connection.execute(text(undocumented)).all() == []
