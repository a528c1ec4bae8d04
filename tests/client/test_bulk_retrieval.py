"""Retrieval of many products."""

import random

import pytest

from spectraldb import SpectralDB
from spectraldb.client import Missing, ProductData
from spectraldb.errors import BadQueryError, NotHeldError
from spectraldb.service.service import Service
from tests.client import CUBE, TABLE


def test_results_are_in_the_order_of_the_names(db: SpectralDB, samples: Service) -> None:
    uris = [record.uri for record in samples.products() if record.product_type in ("x1d", "c1d")]
    unknown = ["mast:JWST/product/none.fits", "no-such-file.fits"]
    names = [*uris, *uris[:3], *unknown, unknown[0], TABLE]
    random.Random(5).shuffle(names)
    found = db.retrieve(names, columns=["wavelength", "flux"])
    assert len(found) == len(names)
    for name, answer in zip(names, found, strict=True):
        if name in unknown:
            assert isinstance(answer, Missing)
            assert not answer
            assert answer.name == name
            assert isinstance(answer.error, NotHeldError)
        else:
            assert isinstance(answer, ProductData)
            assert name in (answer.uri, answer.file_name)
            assert list(answer.arrays) == ["wavelength", "flux"]
    assert sorted(found.missing) == sorted(unknown)
    assert len(found.found) == len(names) - 3
    assert "missing: " in repr(found)
    assert len(found[2:5]) == 3


def test_other_errors_stop_the_retrieval(db: SpectralDB) -> None:
    with pytest.raises(BadQueryError, match="bin"):
        db.retrieve([TABLE, CUBE], bin="w")


def test_no_names(db: SpectralDB) -> None:
    assert len(db.retrieve([])) == 0
