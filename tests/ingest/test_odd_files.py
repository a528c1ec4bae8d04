"""Files with unusual keywords and columns are ingested."""

from pathlib import Path

import numpy as np
from astropy.io import fits
from fastapi.testclient import TestClient

from spectraldb.ingest.outcome import Action
from spectraldb.service.service import Service
from tests.ingest.products import API, BY_KEY, actions
from tests.support.layouts import write_layout


def test_unusual_keywords(lake: Service, x1d: Path) -> None:
    with fits.open(x1d, mode="update") as hdus:
        header = hdus["EXTRACT1D"].header
        header["SLTNAME"], header["SPORDER"], header["SOURCEID"] = 5, "1", "abc"
        header["SRCTYPE"], header["INT_NUM"] = True, "3"
    assert actions(lake, x1d) == [Action.INGESTED]
    data = {c.name: c.read()[0] for c in lake.derived(file_name=x1d.name).columns}
    assert data["slit"] == "5"
    assert data["order"] is None


def test_columns_in_any_case_and_format(lake: Service, x1d: Path) -> None:
    with fits.open(x1d) as hdus:
        table = hdus["EXTRACT1D"]
        n = len(table.data)
        columns = [
            fits.Column(c.name.lower(), c.format, c.unit, array=table.data[c.name])
            for c in table.columns
            if c.name != "DQ"
        ]
        columns.insert(1, fits.Column("flag", "L", array=[True] * n))
        columns.insert(2, fits.Column("bits", "11X", array=[[True] * 11] * n))
        flux = table.data["FLUX"].copy()
        hdus["EXTRACT1D"] = fits.BinTableHDU.from_columns(columns, name="EXTRACT1D")
        hdus.writeto(x1d, overwrite=True)
    assert actions(lake, x1d) == [Action.INGESTED]
    with lake.retrieve(file_name=x1d.name) as retrieved:
        got = {c.name: c.read() for c in retrieved.answer.columns}
    assert got["flux"].tobytes() == flux.astype("f8").tobytes()
    assert "flag" not in got


def test_empty_table_between_others_keeps_its_number(
    lake: Service, api: TestClient, tmp_path: Path
) -> None:
    path = write_layout(BY_KEY["x1d-wfss-hdus"], tmp_path)
    with fits.open(path) as hdus:
        second = hdus["EXTRACT1D", 2]
        hdus["EXTRACT1D", 2] = fits.BinTableHDU(second.data[:0], second.header, uint=True)
        hdus.writeto(path, overwrite=True)
    assert actions(lake, path) == [Action.INGESTED]
    results = api.get(f"{API}/search?columns=spectrum,flux&limit=1000").json()["results"]
    answer = api.get(f"{API}/retrieve?filename={path.name}").json()
    assert {r["spectrum"] for r in results} == {0, 2} == set(answer["data"]["spectrum"])
    assert [s["nPixels"] > 0 for s in answer["spectra"]] == [True, False, True]
    derived = api.get(f"{API}/retrieve/derived?filename={path.name}&spectrum=2").json()
    assert derived["data"]["nPixels"] == [answer["spectra"][2]["nPixels"]]


def test_arrays_of_the_same_name_are_numbered(lake: Service, x1d: Path) -> None:
    with fits.open(x1d) as hdus:
        table = hdus["EXTRACT1D"]
        extra = fits.Column("ERROR", "D", array=np.arange(len(table.data)) + 0.5)
        hdus["EXTRACT1D"] = fits.BinTableHDU.from_columns(
            [*table.columns, extra], header=table.header, name="EXTRACT1D"
        )
        hdus.writeto(x1d, overwrite=True)
    lake.ingest([x1d])
    with lake.retrieve(file_name=x1d.name) as retrieved:
        columns = {column.name: column for column in retrieved.answer.columns}
    assert columns["fluxErr"].fits_ext == "FLUX_ERROR"
    assert columns["fluxErr2"].fits_ext == "ERROR"
