"""Settings: one file that lists them all, the environment over it, faults that name their mend."""

import tomllib
from pathlib import Path

import pytest

from ingester import settings
from ingester.errors import ConfigurationError
from tests.conftest import ROOT

SHIPPED = settings.shipped("config/ingester.toml")


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "DATABASE_URL_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ingester.toml"


def test_the_shipped_file_says_the_defaults() -> None:
    assert settings.read(SHIPPED).model_dump() == settings.read().model_dump()


def test_the_shipped_file_names_every_setting_and_no_other() -> None:
    named, section = set(), ""
    for line in SHIPPED.read_text(encoding="utf-8").splitlines():
        bare = line.removeprefix("# ")
        if line.startswith("["):
            section = line.strip("[]")
            named.add(section)
        elif " = " in bare and bare.partition(" = ")[0].isidentifier():
            named.add(f"{section}.{bare.partition(' = ')[0]}")
    assert named == set(settings.known_keys())


def test_what_is_commented_out_can_be_set() -> None:
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    bare = [line.removeprefix("# ") for line in lines]
    values = tomllib.loads(
        "\n".join(line for line in bare if line.startswith("[") or " = " in line)
    )
    assert set(values["database"]) == set(settings.Database.model_fields)
    assert isinstance(settings.Settings(**values), settings.Settings)


@pytest.mark.parametrize("spelling", ["interval_s = 60", "interval_s = 60.0"])
def test_a_file_overrules_the_defaults(file: Path, spelling: str) -> None:
    file.write_text(f"[poll]\n{spelling}\n")
    assert settings.read(file).poll.interval_s == 60


def test_the_environment_overrules_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("[poll]\ninterval_s = 60\nmax_items = 7\n")
    monkeypatch.setenv("INGESTER_POLL__INTERVAL_S", "90")
    monkeypatch.setenv("INGESTER_FETCH__PORTS", "[8811]")
    read = settings.read(file)
    assert (read.poll.interval_s, read.poll.max_items) == (90, 7)
    assert read.fetch.ports == {8811}


def test_the_command_line_overrules_both(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text('[service]\nlog = "json"\n')
    monkeypatch.setenv("INGESTER_SERVICE__LOG", "console")
    assert settings.read(file, service={"log": "auto"}).service.log == "auto"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[fetch]\nmax_byte = 1",
            "unknown setting 'fetch.max_byte'; did you mean 'fetch.max_bytes'?",
        ),
        ("[fetsh]\n", "unknown setting 'fetsh'; did you mean 'fetch'?"),
        ("[poll]\ninterval_s = 0", "poll.interval_s: Input should be greater than 0 (given: 0)"),
        ("[poll", "not TOML"),
        ('[grouping]\ncanonical = "best"', "grouping.canonical"),
    ],
)
def test_a_fault_in_the_file_names_file_and_key(file: Path, text: str, said: str) -> None:
    file.write_text(text)
    with pytest.raises(ConfigurationError) as fault:
        settings.read(file)
    assert said in str(fault.value)
    assert str(file) in str(fault.value)


def test_all_faults_are_told_at_once(file: Path) -> None:
    file.write_text("[fetch]\nrobot = true\nmax_bytes = 1\n")
    with pytest.raises(ConfigurationError) as fault:
        settings.read(file)
    assert len(str(fault.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("INGESTER_POLL__INTERVALS", "9", "INGESTER_POLL__INTERVAL_S"),
        ("INGESTER_FETCH_CONTACT", "me", "did you mean 'INGESTER_FETCH__CONTACT'?"),
        ("INGESTER_FETCH__PORTS", "80,443", "lists are JSON"),
    ],
)
def test_a_fault_in_the_environment_is_told(
    variable: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError) as fault:
        settings.read()
    assert said in str(fault.value)


def test_a_missing_file_is_told(file: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"ingester\.toml: No such file"):
        settings.read(file)


def test_a_database_url_is_kept_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://news:hunter2@db/news")
    read = settings.read()
    assert settings.database_url(read) == "postgresql://news:hunter2@db/news"
    assert "hunter2" not in repr(read)


def test_a_url_file_of_the_environment_goes_before_a_url_of_the_settings_file(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("postgresql://db/from_secret\n")
    file.write_text('[database]\nurl = "postgresql://db/from_settings"\n')
    monkeypatch.setenv("DATABASE_URL_FILE", str(secret))
    assert settings.database_url(settings.read(file)) == "postgresql://db/from_secret"


def test_an_unreadable_url_file_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "none"))
    with pytest.raises(ConfigurationError, match="DATABASE_URL_FILE: No such file"):
        settings.database_url(settings.read())


def test_each_guard_has_its_reason() -> None:
    reasons = (ROOT / "docs" / "choices.md").read_text(encoding="utf-8")
    said = {"user_agent", "contact", "phrases", "site_rules", "cluster"}
    other = {"robots", "opt_outs", "processes", "first_s", "longest_s"}
    for section in (settings.Fetch, settings.Extract, settings.Retry):
        for name in section.model_fields.keys() - said - other:
            assert f"{name}`" in reasons, name
