"""The formats of a retrieval's answer: those of searches, a row for each pixel, and npz."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from spectraldb.formats.json import arrays_json
from spectraldb.formats.npz import npz
from spectraldb.formats.pixel_table import pixel_table
from spectraldb.formats.registry import FORMATS, Writer
from spectraldb.results import ArraysResult

Pieces = Iterator[bytes]


@dataclass(frozen=True)
class ArrayFormat:
    """A format: how it is asked for, and what writes it."""

    name: str
    media_type: str
    description: str
    write: Callable[[ArraysResult], Pieces]
    """What cannot be written is told when it is called, before the first piece."""


def _as_table(write: Writer | None) -> Callable[[ArraysResult], Pieces]:
    if write is None:
        return arrays_json
    return lambda answer: write(pixel_table(answer))


FIGURE_FORMATS: dict[str, ArrayFormat] = {
    form.name: ArrayFormat(form.name, form.media_type, form.description, _as_table(form.write))
    for form in FORMATS.values()
}
"""Those of derived figures, among which are texts and missing values."""

ARRAY_FORMATS = FIGURE_FORMATS | {
    "npz": ArrayFormat("npz", "application/x-npz", "a NumPy archive: arrays as in the file", npz)
}
