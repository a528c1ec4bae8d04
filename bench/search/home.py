"""The folder that a rival keeps its copy of a lake's rows in."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from bench.biglake.build import Built


@dataclass(frozen=True)
class Home:
    """A folder for the rows of one build of a lake; emptied if it holds those of another."""

    folder: Path
    built: Built

    def __post_init__(self) -> None:
        if not self._held:
            self._mark.unlink(missing_ok=True)
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True)

    def fill(self, load: Callable[[], None]) -> float:
        """Load the rows unless they are there; return the seconds that it took."""
        if not self._held:
            print(f"{self.folder.name}: loading {self.built.plan.name}", flush=True)
            start = perf_counter()
            load()
            facts = {"stamp": self.built.stamp, "seconds": perf_counter() - start}
            self._mark.write_text(json.dumps(facts))
        return float(json.loads(self._mark.read_text())["seconds"])

    @property
    def _held(self) -> bool:
        if not self._mark.exists():
            return False
        return bool(json.loads(self._mark.read_text())["stamp"] == self.built.stamp)

    @property
    def _mark(self) -> Path:
        return self.folder.with_suffix(".json")
