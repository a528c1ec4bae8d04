"""The folder of a rival, with its copy of the rows of a lake."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from bench.biglake.build import Built


@dataclass(frozen=True)
class Home:
    """A folder for the rows of one build of a lake; it is emptied if it has another build."""

    folder: Path
    built: Built

    def __post_init__(self) -> None:
        if not self._held:
            self._mark.unlink(missing_ok=True)
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True)

    def fill(self, load: Callable[[], None]) -> float:
        """Load the rows unless they are loaded already; return how many seconds loading took."""
        if not self._held:
            print(f"{self.folder.name}: Loading {self.built.plan.name}", flush=True)
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
