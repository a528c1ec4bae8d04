"""Generated files for tests of searches: sample products, and layouts with rare values."""

import shutil
from pathlib import Path

from tests.support.layouts import LAYOUTS, write_layout

RARE_VALUES = (
    "x1d-mrs",  # flags, and pixels of no flux
    "x1d-ifu",
    "x1d-wfss-hdus",
    "x1d-team",  # weights
    "x1dints-hdus",
    "c1d-scalar",  # the highest flag
    "s2d-nan-error",
    "s2d-dq",
    "s2d-multislit",
    "s3d-zeros",  # flags on pixels that have a value
)
"""Keys of layouts. They are needed because no flagged pixel of a sample product has a value."""


def write_generated(folder: Path, samples: Path) -> None:
    """Fill a folder with the sample products, and its subfolder ``layouts`` with the layouts.

    Parameters
    ----------
    folder
        An existing empty folder.
    samples
        The folder of the sample products.
    """
    for path in sorted(samples.glob("*.fits")):
        shutil.copy(path, folder)
    (folder / "layouts").mkdir()
    by_key = {layout.key: layout for layout in LAYOUTS}
    for key in RARE_VALUES:
        write_layout(by_key[key], folder / "layouts")
