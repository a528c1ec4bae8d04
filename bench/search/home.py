"""Folder of a rival database, with its copy of the rows of a lake."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from bench.biglake.build import Built


@dataclass(frozen=True)
class Home:
    """Folder for the rows of one build of a lake; emptied first if it contains another build."""

    folder: Path
    built: Built

    def __post_init__(self) -> None:
        if not self._is_loaded:
            self._mark.unlink(missing_ok=True)
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True)

    def fill(self, load: Callable[[], None]) -> float:
        """Load the rows unless they are loaded already; return the duration in seconds."""
        if not self._is_loaded:
            print(f"{self.folder.name}: Loading {self.built.plan.name}", flush=True)
            start = perf_counter()
            load()
            facts = {"stamp": self.built.stamp, "seconds": perf_counter() - start}
            self._mark.write_text(json.dumps(facts))
        return float(json.loads(self._mark.read_text())["seconds"])

    @property
    def _is_loaded(self) -> bool:
        if not self._mark.exists():
            return False
        return bool(json.loads(self._mark.read_text())["stamp"] == self.built.stamp)

    @property
    def _mark(self) -> Path:
        return self.folder.with_suffix(".json")
