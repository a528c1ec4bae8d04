"""Products to ingest, and functions to check the results."""

import os
from pathlib import Path

from astropy.io import fits
from fastapi.testclient import TestClient

from spectraldb.ingest.outcome import Action
from spectraldb.service.service import Service
from tests.support.layouts import LAYOUTS, write_layout

API = "/spectra/api/v0.1"
BY_KEY = {layout.key: layout for layout in LAYOUTS}


def actions(service: Service, *names: Path, copy: bool = False) -> list[Action]:
    """Ingest files, and return the action for each."""
    return [outcome.action for outcome in service.ingest(names, copy=copy).outcomes]


def scale_fluxes(path: Path, factor: float = 2.0) -> None:
    """Multiply the fluxes of an x1d by a factor; its size and modification time do not change."""
    times = path.stat()
    with fits.open(path, mode="update") as hdus:
        hdus["EXTRACT1D"].data["FLUX"] *= factor
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def scale_team_fluxes(path: Path) -> None:
    """Double the fluxes of a file made by a team, without the pipeline's names."""
    with fits.open(path, mode="update") as hdus:
        hdus[1].data["FLUX"] *= 2


def wavelengths(api: TestClient) -> list[float]:
    """Return the wavelengths of the pixels of all spectra."""
    results = api.get(f"{API}/search?limit=1000").json()["results"]
    return [result["wavelength"] for result in results]


def fluxes(api: TestClient) -> list[float]:
    """Return the fluxes of the pixels of all spectra."""
    results = api.get(f"{API}/search?limit=1000&columns=flux").json()["results"]
    return [result["flux"] for result in results]


def write_local(folder: Path, key: str = "x1d-mos", factor: float = 1.0) -> Path:
    """Write a file without a level-3 name to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = write_layout(BY_KEY[key], folder).rename(folder / "Level3_x1d.fits")
    if factor != 1:
        scale_fluxes(path, factor)
    return path
