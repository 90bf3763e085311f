"""What the user said before the command's name, and the settings that follow from it."""

import logging
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from ingester import settings
from ingester.cli import logs

_LOCAL = Path("config/ingester.toml")


@dataclass(frozen=True, slots=True)
class Options:
    """The options that all commands share. `log` None: as the settings say."""

    file: Path | None
    data_dir: Path | None
    verbose: bool
    log: Literal["auto", "console", "json"] | None

    @property
    def source(self) -> Path:
        """The settings file: the one named, else the current folder's, else the shipped one."""
        if self.file:
            return self.file
        return _LOCAL if _LOCAL.exists() else settings.shipped("config/ingester.toml")

    @property
    def overrides(self) -> dict[str, dict[str, Any]]:
        """The settings that the command line gives, by section."""
        given: dict[str, dict[str, Any]] = {}
        if self.data_dir:
            given["database"] = {"data_dir": self.data_dir}
        if self.log:
            given["service"] = {"log": self.log}
        return given

    def effective(self) -> settings.Settings:
        """The effective settings. Raises ConfigurationError."""
        return _read(self.source, self)

    def start(self, level: int = logging.ERROR) -> settings.Settings:
        """The effective settings, with logs of this level and above (all with -v) to stderr."""
        effective = self.effective()
        logs.configure(effective.service.log, logging.INFO if self.verbose else level)
        return effective


@cache
def _read(source: Path, options: Options) -> settings.Settings:
    return settings.read(source, **options.overrides)
