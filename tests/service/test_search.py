"""Searches against a scan of the same files by numpy, over many generated conditions."""

from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from spectraldb.api.app import create_app
from spectraldb.query.operators import OPERATORS
from spectraldb.query.result_columns import AGGREGATES
from spectraldb.service.service import Service
from spectraldb.settings import Settings
from tests.conftest import REAL, all_pages, real_paths
from tests.support import oracle
from tests.support.lake_states import STATES, half
from tests.support.seaweed import Seaweed

API = "/spectra/api/v0.1"
Table = dict[str, NDArray[Any]]

NUMBERS = ("wavelength", "flux", "fluxErr", "surfBright", "dq", "x", "y", "z", "spectrum", "derSnr")


@cache
def pixels_of(path: Path) -> Table:
    """Return every pixel of a file that has a value, in the order of an answer."""
    columns: dict[str, list[NDArray[Any]]] = {}
    for spectrum in oracle.spectra(path):
        p = spectrum.pixels
        n = len(p["flux"])
        keep = np.isfinite(p["flux"])
        extended = "surfBright" in p and _source_type(path) == "EXTENDED" and p["surfBright"].any()
        signal = p["surfBright"] if extended else p["flux"]
        # Of cubes it would take long, and no test here asks for it.
        snr = np.nan if "z" in p else oracle.der_snr(signal, p["good"])
        shared = {"spectrum": spectrum.number, "derSnr": snr}
        for name in (*NUMBERS, "good"):
            values = p.get(name, np.full(n, shared.get(name, np.nan), "f8"))
            columns.setdefault(name, []).append(np.asarray(values)[keep])
    return {name: np.concatenate(parts) for name, parts in columns.items()}


@cache
def _source_type(path: Path) -> str:
    from astropy.io import fits  # noqa: PLC0415 - imported when it is needed

    with fits.open(path) as hdus:
        return str(hdus[1].header.get("SRCTYPE"))


class Scan:
    """All pixels of the products of some types, one after the other."""

    def __init__(self, service: Service, types: set[str]) -> None:
        rows = [row for row in service.products() if row["productType"] in types]
        parts = [pixels_of(Path(row["location"])) for row in rows]
        lengths = [len(part["flux"]) for part in parts]
        self.table = {n: np.concatenate([p[n] for p in parts]) for n in parts[0]}
        for name in ("fileName", "instrument", "targetName", "productType", "uri"):
            values = np.array([row[name] for row in rows], object)
            self.table[name] = np.repeat(values, lengths)

    def where(self, mask: NDArray[Any], names: list[str]) -> list[dict[str, Any]]:
        columns = [[_plain(v) for v in self.table[name][mask]] for name in names]
        return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value


@pytest.fixture(scope="module", params=[*STATES, "bucket", "sail", "spark"])
def real(
    request: pytest.FixtureRequest, real_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """Give a lake of all real files, in each state, in a bucket, and on another engine."""
    if request.param in ("sail", "spark"):
        place = tmp_path_factory.mktemp(request.param)
        with closing(Service(Settings(lake=place), create=True)) as other:
            half(other, real_folder, Path())
        address: str = request.getfixturevalue(request.param)
        service = Service(Settings(lake=place, engine="spark", spark=address))
    elif request.param == "bucket":
        seaweed: Seaweed = request.getfixturevalue("seaweed")
        with closing(Service(seaweed.settings(tmp_path_factory), create=True)) as other:
            half(other, real_folder, Path())
        service = Service(seaweed.settings(tmp_path_factory))
    else:
        service = Service(Settings(lake=tmp_path_factory.mktemp(request.param)), create=True)
        STATES[request.param](service, real_folder, tmp_path_factory.mktemp("altered"))
    assert len(service.products()) == len(real_paths())
    yield service
    service.close()


@pytest.fixture(scope="module")
def real_api(real: Service) -> Iterator[TestClient]:
    with TestClient(create_app(real)) as client:
        yield client


@pytest.fixture(scope="module")
def scans(real: Service) -> dict[str, Scan]:
    return {
        "x1d": Scan(real, {"x1d"}),
        "s2d": Scan(real, {"s2d"}),
        "x1d,s2d": Scan(real, {"x1d", "s2d"}),
    }


@st.composite
def conditions(draw: st.DrawFn) -> tuple[str, str, str, list[float]]:
    """Draw a column, an operator, its text, and its numbers."""
    name = draw(
        st.sampled_from(["wavelength", "flux", "fluxErr", "surfBright", "dq", "x", "derSnr"])
    )
    quantiles = draw(st.lists(st.floats(0, 1), min_size=2, max_size=2).map(sorted))
    key = draw(st.sampled_from(["gt", "gte", "lt", "lte", "ne", "eq", "between", "in", ""]))
    return name, key, "", quantiles


def _numbers(scan: Scan, name: str, quantiles: list[float]) -> list[float]:
    """Return values that occur, so that equality matches something."""
    values = scan.table[name]
    finite = np.sort(values[np.isfinite(values.astype("f8"))])
    return [finite[int(q * (len(finite) - 1))].item() for q in quantiles]


def _apply(scan: Scan, name: str, key: str, low: float, high: float) -> NDArray[Any]:
    values = scan.table[name].astype("f8")
    with np.errstate(invalid="ignore"):
        masks = {
            "gt": values > low,
            "gte": values >= low,
            "lt": values < low,
            "lte": values <= low,
            "eq": values == low,
            "ne": (values != low) & ~np.isnan(values),
            "between": (values >= low) & (values <= high),
            "": (values >= low) & (values <= high),
            "in": (values == low) | (values == high),
        }
    return np.asarray(masks[key])


@pytest.mark.parametrize("types", ["x1d", "s2d", "x1d,s2d"])
@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(wanted=st.lists(conditions(), min_size=1, max_size=3), limit=st.sampled_from([7, 5000]))
def test_answers_are_those_of_a_scan(
    real_api: TestClient,
    scans: dict[str, Scan],
    types: str,
    wanted: list[tuple[str, str, str, list[float]]],
    limit: int,
) -> None:
    scan = scans[types]
    mask = np.ones(len(scan.table["flux"]), bool)
    pairs: list[tuple[str, str | int | float | bool | None]] = [
        ("product", types),
        ("limit", str(limit)),
        ("columns", "uri,spectrum,good"),
    ]
    names = ["fileName", "x", "y", "wavelength"]
    for name, key, _, quantiles in wanted:
        if types == "s2d" and name in ("surfBright", "dq"):
            continue
        low, high = _numbers(scan, name, quantiles)
        mask &= _apply(scan, name, key, low, high)
        two = key in ("between", "in", "")
        pairs.append((f"{name}.{key}".rstrip("."), f"{low!r},{high!r}" if two else repr(low)))
        names.append(name)
    answer = real_api.get(f"{API}/search", params=pairs).json()
    assert answer["status"] == 1, answer
    names = list(
        dict.fromkeys(
            ["fileName", "x", "y", "wavelength", "productType", *names, "uri", "spectrum", "good"]
        )
    )
    matches = np.flatnonzero(mask)
    expected = scan.where(matches[:limit], names)
    for row in expected:
        row["product"] = row.pop("productType")
    got = answer["results"]
    assert [_rounded(r) for r in got] == [_rounded(r) for r in expected]
    assert answer["truncated"] is (len(matches) > limit)
    assert (answer["next"] is not None) is answer["truncated"]


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with its derived figure rounded; the file's own numbers stay exact."""
    snr = row.get("derSnr")
    return row if snr is None else row | {"derSnr": float(f"{snr:.12g}")}


def test_cube_answers_are_those_of_a_scan(real: Service, real_api: TestClient) -> None:
    scan = Scan(real, {"s3d"})
    t = scan.table
    mask = (t["wavelength"] >= 20) & (t["wavelength"] <= 20.5) & (t["flux"] > 5000) & t["good"]
    names = ["fileName", "x", "y", "z", "wavelength", "flux", "good", "dq", "uri"]
    query = "product=s3d&wavelength=20,20.5&flux.gt=5000&good=true&quality=0&columns=dq,uri"
    got = real_api.get(f"{API}/search?{query}&limit=100000").json()["results"]
    expected = [row | {"product": "s3d", "quality": row["dq"]} for row in scan.where(mask, names)]
    assert len(expected) > 100
    assert got == expected


def test_pages_end_to_end_are_the_whole_answer(real_api: TestClient) -> None:
    query = f"{API}/search?wavelength=3,4&flux.gt=0&columns=uri,spectrum"
    whole = real_api.get(query + "&limit=100000").json()
    assert not whole["truncated"]
    pages = all_pages(real_api, query + "&limit=97")
    assert pages == whole["results"]


def test_grouped_pages_are_the_whole_answer(real_api: TestClient) -> None:
    query = f"{API}/search?product=all&group=True&columns=uri"
    whole = real_api.get(query).json()["results"]
    pages = all_pages(real_api, query + "&limit=4")
    assert pages == whole
    assert len(whole) == len(real_paths())


def test_group_counts_the_pixels_of_each_product(real: Service, real_api: TestClient) -> None:
    scan = Scan(real, {"x1d"})
    mask = (scan.table["wavelength"] >= 3) & (scan.table["flux"] > 0)
    answer = real_api.get(
        f"{API}/search?wavelength.gte=3&flux.gt=0&group=True&columns=targetName,uri&instrument=nirspec"
    ).json()
    mask &= scan.table["instrument"] == "NIRSPEC"
    uris, counts = np.unique(scan.table["uri"][mask].astype(str), return_counts=True)
    assert {r["uri"]: r["matched"] for r in answer["results"]} == dict(
        zip(uris, counts.tolist(), strict=True)
    )
    assert set(answer["results"][0]) == {"fileName", "instrument", "targetName", "uri", *AGGREGATES}
    for row in answer["results"]:
        one = mask & (scan.table["uri"] == row["uri"])
        for name, column in (("Wavelength", "wavelength"), ("Flux", "flux")):
            assert row[f"matched{name}Min"] == scan.table[column][one].min()
            assert row[f"matched{name}Max"] == scan.table[column][one].max()


def test_sql_of_an_answer_can_be_run(real: Service, real_api: TestClient) -> None:
    answer = real_api.get(f"{API}/search?wavelength=3,5&flux.gte=0.1&derSnr.gt=5&limit=9").json()
    rows = real._duckdb.fetch(answer["query"], real.lake.snapshot()).to_pylist()
    shown = [{k: v for k, v in row.items() if not k.startswith("_")} for row in rows]
    assert shown[:9] == answer["results"]
    assert len(rows) == 10  # one more than asked for tells that there are more


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("targetName.like=ngc*", 2),
        ("targetName=GANYMEDE,telesto", 3),
        ("targetName.in=GANYMEDE,telesto", 3),
        ("program=1373", 1),
        ("program=01373,1128", 2),
        ("instrument.ne=NIRSPEC", 2),
        ("fileName.like=*_x1d-masked.fits", 1),
        ("fileName.like=*x1d_masked*", 0),  # an underscore stands for itself
        ("targetName.eq=NGC 7469", 2),
        ('targetName="NGC 7469",GANYMEDE', 3),
        ("derSnr.gt=100", 4),
        ("calVer=1.9.3", 4),
    ],
)
def test_conditions_on_products(real_api: TestClient, query: str, count: int) -> None:
    answer = real_api.get(f"{API}/search?{query}&group=True").json()
    assert len(answer["results"]) == count, answer


def test_pixel_without_value_is_no_result(real_api: TestClient) -> None:
    name = "hlsp_ceers_jwst_nirspec_nirspec10-001027_comb-mgrat_v0.7_x1d-masked.fits"
    path = REAL / "others" / "modified" / name
    results = real_api.get(f"{API}/search?fileName={name}&limit=10000").json()["results"]
    flux = oracle.expected_arrays(path).arrays["FLUX"]
    assert [r["x"] for r in results] == np.flatnonzero(np.isfinite(flux)).tolist()


def test_the_documented_example(real_api: TestClient) -> None:
    answer = real_api.get(f"{API}/search?wavelength=3.0,3.1&flux.gte=0.1&derSnr.gt=5").json()
    assert answer["query"].startswith("SELECT d.fileName, s.x, s.y, s.wavelength, s.flux, c.derSnr")
    assert list(answer["results"][0]) == ["fileName", "x", "y", "wavelength", "flux", "derSnr"]


def test_an_earlier_version_can_be_searched_again(
    lake: Service, api: TestClient, real_folder: Path
) -> None:
    paths = sorted(real_folder.glob("*x1d.fits"))[:2]
    lake.ingest([paths[0]])
    before = api.get(f"{API}/search?limit=5000").json()
    lake.ingest([paths[1]])
    lake.remove([paths[0].name])
    again = api.get(f"{API}/search?limit=5000&version={before['version']}").json()
    assert again == before
    assert api.get(f"{API}/search").json()["version"] > before["version"]


@pytest.mark.parametrize(
    "sort_by", ["-flux", "flux", "-surfBright,wavelength", "targetName,-snr", "-good,derSnr", "-dq"]
)
def test_any_order_is_kept_over_pages(
    real_api: TestClient, scans: dict[str, Scan], sort_by: str
) -> None:
    query = f"{API}/search?product=x1d,s2d&wavelength=3,3.05&columns=uri,spectrum&sort_by={sort_by}"
    whole = real_api.get(query + "&limit=100000").json()
    assert not whole["truncated"]
    keys = [name.lstrip("-") for name in sort_by.split(",")]
    for name, sign in zip(keys[:1], [-1 if sort_by.startswith("-") else 1], strict=True):
        values = [row[name] for row in whole["results"]]
        held = [value for value in values if value is not None]
        assert values[len(held) :] == [None] * (len(values) - len(held))  # without a value: last
        assert held == sorted(held, reverse=sign < 0)
    table = scans["x1d,s2d"].table
    assert (
        len(whole["results"]) == ((table["wavelength"] >= 3) & (table["wavelength"] <= 3.05)).sum()
    )
    pages = all_pages(real_api, query + "&limit=301")
    assert pages == whole["results"]


def test_groups_by_count(real_api: TestClient) -> None:
    query = f"{API}/search?product=all&group=True&columns=uri&sort_by=-matched"
    whole = real_api.get(query).json()["results"]
    counts = [row["matched"] for row in whole]
    assert counts == sorted(counts, reverse=True)
    first = real_api.get(query + "&limit=5").json()
    rest = real_api.get(first["next"].replace("limit=5", "limit=100")).json()
    assert first["results"] + rest["results"] == whole


@pytest.mark.parametrize("radius", ["0.3 arcsec", "1.5arcsec", "0.0005", "2 deg"])
def test_cone_is_that_of_astropy(real: Service, real_api: TestClient, radius: str) -> None:
    """Inside a cube the position is the spaxel's; distances are held against SkyCoord's."""
    row = next(r for r in real.products() if r["fileName"] == "Level3_ch4-medium_s3d.fits")
    with real.retrieve(uri=row["uri"]) as retrieved:
        arrays = {
            c.name: c.read() for c in retrieved.answer.columns if c.name in ("ra", "dec", "flux")
        }
    spaxels = SkyCoord(arrays["ra"], arrays["dec"], unit="deg")
    middle = SkyCoord(arrays["ra"][10, 12], arrays["dec"][10, 12], unit="deg")
    angle = u.Quantity(radius if radius[-1].isalpha() else f"{radius} deg")
    inside = spaxels.separation(middle) <= angle
    expected = int(np.isfinite(arrays["flux"][:, inside]).sum())
    position = {"ra": middle.ra.deg, "dec": middle.dec.deg, "radius": radius, "product": "s3d"}
    answer = real_api.get(f"{API}/search/count", params=position | {"uri": row["uri"]}).json()
    assert answer["pixels"] == expected > 0
    results = real_api.get(f"{API}/search", params=position | {"limit": "5"}).json()["results"]
    assert {"ra", "dec", "x", "y", "z"} <= set(results[0])


def test_flux_in_other_units(real: Service, real_api: TestClient) -> None:
    scan = Scan(real, {"x1d", "s2d"})
    units = {row["uri"]: row["fluxUnit"] for row in real.products()}
    unit = np.array([units[uri] for uri in scan.table["uri"]])
    in_jy = np.where(unit == "MJy", 1e6, 1.0) * scan.table["flux"]
    expected = ((in_jy >= 3e-3) & (unit != "MJy/sr")).sum()
    answer = real_api.get(f"{API}/search/count?product=x1d,s2d&flux.gte=3 mJy").json()
    assert answer["pixels"] == expected > 1000
    assert "flux in mJy leaves out products in MJy/sr" in answer["message"]
    in_um = real_api.get(f"{API}/search?wavelength=1.2,1.3&limit=2000").json()["results"]
    in_angstrom = real_api.get(
        f"{API}/search", params={"wavelength": "12000,13000 Angstrom", "limit": "2000"}
    ).json()["results"]
    assert in_angstrom == in_um


def test_snr_is_flux_over_error(real_api: TestClient) -> None:
    query = f"{API}/search?snr.between=5,6&columns=flux,fluxErr&limit=5000"
    results = real_api.get(query).json()["results"]
    assert results
    for row in results:
        assert row["snr"] == row["flux"] / row["fluxErr"]
        assert 5 <= row["snr"] <= 6
    count = real_api.get(f"{API}/search/count?snr.between=5,6").json()
    assert count["pixels"] == len(results)


def test_columns_are_listed(real_api: TestClient) -> None:
    answer = real_api.get(f"{API}/search/columns").json()
    told = {column["name"]: column for column in answer["columns"]}
    assert told["wavelength"]["units"] == "um"
    assert told["wavelength"]["operators"] == [op for op in OPERATORS if op != "like"]
    assert told["productType"]["values"] == ["c1d", "s2d", "s3d", "x1d", "x1dints"]
    assert [op["name"] for op in answer["operators"]] == list(OPERATORS)
    for name, column in told.items():
        assert (
            real_api.get(f"{API}/search/count", params={name: column["example"]}).status_code == 200
        )
