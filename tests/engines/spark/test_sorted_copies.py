"""Sorted copies replace files if a search restricts wavelengths."""

from dataclasses import replace
from pathlib import Path

import pytest

from spectraldb.engines.spark.sorted_copies import SortedCopies
from spectraldb.query.parse import parse_pixels
from spectraldb.query.pruning import Pruning, pruning_of
from spectraldb.service.service import Service
from spectraldb.settings import Settings

COPIES, FILES = {"by-wavelength"}, {"productType=x1d"}


def pruning(**conditions: str) -> Pruning:
    """Return the pruning of a search for x1d pixels."""
    return pruning_of(parse_pixels([("product", "x1d"), *conditions.items()], Settings()), {})


def folders(service: Service, pruning: Pruning) -> set[str]:
    """Return the names of the folders with the files that a search reads."""
    copies = SortedCopies(service.lake.store)
    snapshot = copies.substitute(service.lake.snapshot(), pruning)
    return {Path(file).parent.name for file in snapshot.pixels["x1d"]}


@pytest.fixture
def sorted_lake(lake: Service, sample_folder: Path) -> Service:
    """Return a lake with two products whose pixels have copies sorted by wavelength."""
    lake.ingest(list(sample_folder.glob("jw9900[38]*x1d.fits")))
    assert folders(lake, pruning(wavelength="1.2,1.3")) == FILES
    lake.optimize(by_wavelength=True)
    return lake


def test_copies_are_read_for_a_wavelength_range(sorted_lake: Service) -> None:
    assert folders(sorted_lake, pruning(wavelength="1.2,1.3")) == COPIES
    assert folders(sorted_lake, pruning(**{"wavelength.gte": "14"})) == COPIES


def test_files_are_read_for_all_wavelengths(sorted_lake: Service) -> None:
    assert folders(sorted_lake, pruning(**{"flux.gte": "1"})) == FILES
    assert folders(sorted_lake, pruning(**{"wavelength.gte": "0"})) == FILES


def test_files_are_read_for_selected_products(sorted_lake: Service) -> None:
    snapshot = sorted_lake.lake.snapshot()
    part = replace(pruning(**{"wavelength.gte": "1"}), id_range=(0, 2**40))
    assert SortedCopies(sorted_lake.lake.store).substitute(snapshot, part) is snapshot
