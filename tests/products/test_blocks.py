"""Tests of the blocks of spectra of every product, compared with the arrays from astropy."""

from pathlib import Path

import numpy as np
import pytest

from spectraldb.products import cubes, spectrum_table, table_blocks
from spectraldb.products.block import Block
from spectraldb.products.open import open_product
from tests.support import oracle
from tests.support.layouts import LAYOUTS, Layout, write_layout
from tests.support.product_files import ProductFile, for_files, path_of


@for_files()
def test_spectra_match_astropy(source: ProductFile, tmp_path: Path) -> None:
    path = path_of(source, tmp_path)
    expected = {spectrum.number: spectrum.pixels for spectrum in oracle.spectra(path)}
    with open_product(path) as product:
        numbers = []
        for block in product.blocks():
            numbers += block.numbers.tolist()
            for row, number in enumerate(block.numbers.tolist()):
                assert_spectrum(block, row, expected[number])
        assert numbers == list(range(product.n_spectra)) == sorted(expected)


def assert_spectrum(block: Block, row: int, expected: dict[str, oracle.Array]) -> None:
    n = len(expected["flux"])  # without padding
    wavelength = np.broadcast_to(block.wavelength, block.flux.shape)
    arrays = {
        "wavelength": wavelength[row, :n],
        "flux": np.where(block.inside, block.flux, np.nan)[row, :n],
        "fluxErr": block.flux_err[row, :n],
        "good": block.good[row, :n],
    }
    for name, values in arrays.items():
        np.testing.assert_array_equal(values, expected[name], err_msg=name)
    assert not block.inside[row, n:].any()
    assert not block.good[row, n:].any()
    for name, index in (("x", block.x), ("y", block.y)):
        if index is not None:
            assert set(expected[name].tolist()) == {index[row]}
    np.testing.assert_array_equal(expected[block.axis], np.arange(n))


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.key)
def test_block_size_does_not_change_the_spectra(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_layout(layout, tmp_path)
    whole = stored_pixels(path)
    monkeypatch.setattr(spectrum_table, "CACHE_BYTES", 0)
    monkeypatch.setattr("spectraldb.products.tables.CACHE_BYTES", 0)
    monkeypatch.setattr(spectrum_table, "CHUNK_BYTES", 1)
    monkeypatch.setattr(table_blocks, "STACKED_TABLES", 1)
    monkeypatch.setattr(cubes, "BLOCK_PIXELS", 1)
    monkeypatch.setattr(cubes, "SLAB_BYTES", 1)
    parts = stored_pixels(path)
    assert whole.keys() == parts.keys()
    for number, arrays in whole.items():
        for one, other in zip(arrays, parts[number], strict=True):
            np.testing.assert_array_equal(one, other)


def stored_pixels(path: Path) -> dict[int, list[oracle.Array]]:
    """Return the stored pixels of each spectrum."""
    found = {}
    with open_product(path) as product:
        for block in product.blocks():
            wavelength = np.broadcast_to(block.wavelength, block.flux.shape)
            for row, number in enumerate(block.numbers.tolist()):
                mask = block.stored[row]
                arrays = (wavelength, block.flux, block.flux_err, block.good)
                found[number] = [array[row, mask] for array in arrays]
    return found
