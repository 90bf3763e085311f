"""docker-compose.yml and the Dockerfile name what is there."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose

from ingester import settings

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(
        (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    )
    return loaded


def test_the_file_is_a_compose_file() -> None:
    PyCompose.from_yaml((ROOT / "docker-compose.yml").read_text(encoding="utf-8")).validate()


def test_the_service_waits_for_a_healthy_postgres(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert services["ingester"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert any("pg_isready" in part for part in services["postgres"]["healthcheck"]["test"])


def test_every_secret_and_volume_that_is_used_is_declared(compose: dict[str, Any]) -> None:
    used = {secret for service in compose["services"].values() for secret in service["secrets"]}
    assert used == set(compose["secrets"])
    assert {"archive"} == set(compose["volumes"])


def test_the_service_is_an_ordinary_user_with_a_read_only_root(compose: dict[str, Any]) -> None:
    service = compose["services"]["ingester"]
    assert service["read_only"] is True
    assert service["user"].split(":")[0] not in {"0", "root"}
    assert service["cap_drop"] == ["ALL"]


def test_the_environment_is_made_of_known_settings(compose: dict[str, Any]) -> None:
    known = {f"INGESTER_{key.replace('.', '__').upper()}" for key in settings.known_keys()}
    for name in compose["services"]["ingester"]["environment"]:
        assert name == "DATABASE_URL_FILE" or name in known


def test_the_dockerfile_copies_what_is_there() -> None:
    for line in (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            for name in line.split()[1:-1]:
                assert (ROOT / name).exists(), name
