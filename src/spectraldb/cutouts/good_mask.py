"""The mask of good pixels as a column, which is sent only if `columns` includes `good`."""

import numpy as np

from spectraldb.arrays import Array
from spectraldb.cutouts.boxes import Box, slices
from spectraldb.cutouts.request import Cutout
from spectraldb.products.array_column import ArrayColumn, computed_column
from spectraldb.products.cubes import CubeProduct
from spectraldb.products.slits import SlitProduct, ragged_column
from spectraldb.products.tables import TableProduct
from spectraldb.schema.columns import by_name

NAME = "good"


def wants_good(cutout: Cutout) -> bool:
    """Return whether the request includes the mask, which is not an array of the file."""
    return NAME in cutout.columns


def table_good(table: TableProduct, spectrum: int | None) -> ArrayColumn:
    """Return the mask of all spectra of a 1-D product, concatenated, or of one spectrum."""
    masks: dict[int, Array] = {}
    for block in table.blocks():
        for number, good, inside in zip(block.numbers, block.good, block.inside, strict=True):
            if spectrum in (None, int(number)):
                masks[int(number)] = good[inside]
    return _column(np.concatenate([masks[n] for n in sorted(masks)] or [np.zeros(0, bool)]))


def slit_good(slits: SlitProduct, slit: int, box: Box) -> ArrayColumn:
    """Return the mask of a box in the image of a slit."""
    block = slits.block(slit)
    rows = np.broadcast_to(block.good & block.inside, block.flux.shape)
    image = rows if block.axis == "x" else rows.T
    return _column(image[slices(box)])


def slits_good(slits: SlitProduct) -> ArrayColumn:
    """Return the masks of the images of several slits, as one ragged column."""
    masks = []
    for slit in range(len(slits.slits)):
        ny, nx = slits.slits[slit].shape
        masks.append(slit_good(slits, slit, {"y": range(ny), "x": range(nx)}))
    return ragged_column(masks)


def cube_good(cube: CubeProduct, box: Box) -> ArrayColumn:
    """Return the mask of a box in a cube."""
    z, y, x = slices(box)
    nx = cube.sci.shape[2]
    spaxels = np.concatenate([block.good[:, z] for block in cube.blocks(box["y"])])
    voxels = spaxels.reshape(y.stop - y.start, nx, -1)[:, x]
    return _column(np.ascontiguousarray(voxels.transpose(2, 0, 1)))


def _column(values: Array) -> ArrayColumn:
    return computed_column(NAME, values, "", by_name()[NAME].description)
