"""Searches of a lake of extracted spectra and of its rivals."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.biglake.build import Built
from bench.search import fits_loop
from bench.search.clickhouse import clickhouse
from bench.search.contender import Contender, NotInstalledError, compare, time_all
from bench.search.home import Home
from bench.search.ours import in_process, open_service, over_http
from bench.search.parquet import parquet
from bench.search.postgresql import postgresql
from bench.search.question import Question, questions
from bench.server import spectral_db
from bench.table import Table
from spectraldb.service.service import Service


@dataclass(frozen=True)
class Rival:
    """A database to compare with, and the maximum number of pixels to compare it on."""

    name: str
    open: Callable[[Home, Service, ExitStack], Contender]
    most: float
    most_voxels: float
    """The same for cubes, whose rows take longer to load."""


RIVALS = (
    Rival("postgresql", postgresql, 100e6, 20e6),
    Rival("clickhouse", clickhouse, 100e6, 100e6),
    Rival("parquet", parquet, 10e6, 10e6),
)


@dataclass(frozen=True)
class LakeRun:
    """A lake, and the measurements of it and its rivals."""

    built: Built
    found: dict[Question, int]
    """Number of rows that each search finds."""
    contenders: list[Contender]
    missing: list[str]
    """Rivals that are not installed."""
    loop: Table | None

    @property
    def noun(self) -> str:
        """Noun for what is counted."""
        return "voxels" if self.built.plan.kind == "s3d" else "pixels"

    def contender(self, name: str) -> Contender | None:
        """Return the contender whose name begins with `name`, or None."""
        return next((c for c in self.contenders if c.name.startswith(name)), None)


def ask(built: Built, folder: Path, *, loop: bool) -> LakeRun:
    """Run all searches on a lake and on its rivals, whose data are in `folder`."""
    with ExitStack() as stack:
        service = open_service(built.folder, stack)
        ours = in_process(service, built)
        server = stack.enter_context(spectral_db(built.folder))
        contenders, missing = _rivals(built, folder, service, stack)
        contenders = [ours, over_http(server, stack), *contenders]
        found = {}
        for question in questions(service, built.plan):
            found[question] = compare(contenders, question)
            time_all(contenders, question)
        files = folder / f"files-{built.plan.name}"
        table = _loop(files, built, ours) if loop else None
    return LakeRun(built, found, contenders, missing, table)


def _rivals(
    built: Built, folder: Path, service: Service, stack: ExitStack
) -> tuple[list[Contender], list[str]]:
    contenders, missing = [], []
    for rival in RIVALS:
        most = rival.most_voxels if built.plan.kind == "s3d" else rival.most
        if built.plan.pixels > most:
            continue
        home = Home(folder / f"{rival.name}-{built.plan.name}", built)
        try:
            contenders.append(rival.open(home, service, stack))
        except NotInstalledError as error:
            missing.append(str(error))
    return contenders, missing


def _loop(files: Path, built: Built, ours: Contender) -> Table:
    home = Home(files, built)
    return fits_loop.measure(home.folder, built.plan, ours)
