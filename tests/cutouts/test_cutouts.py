"""Parts of products: cut out and put together, against astropy and numpy on the real files."""

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.table import Table
from astropy.wcs import WCS
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from spectraldb.errors import BadQueryError
from spectraldb.formats.npz import npz
from spectraldb.products.array_column import ArrayColumn
from spectraldb.query.retrieval import parse_retrieval
from spectraldb.results import ArraysResult
from spectraldb.service.service import Service

API = "/spectra/api/v0.1"
CUBE = "Level3_ch4-medium_s3d.fits"
IMAGE = "jw02736-o007_s06355_nirspec_f290lp-g395m_s2d.fits"
TABLE = "jw02736-o007_s06355_nirspec_f290lp-g395m_x1d.fits"

Array = NDArray[Any]


def get(api: TestClient, name: str, **words: Any) -> dict[str, Any]:
    response = api.get(f"{API}/retrieve", params={"filename": name, **words})
    assert response.status_code == 200, response.text
    return dict(response.json())


def array(answer: dict[str, Any], name: str) -> Array:
    return np.array(answer["data"][name], "f8")


def path_of(service: Service, name: str) -> Path:
    return Path(str(service.find(file_name=name)["location"]))


class Cube:
    """A cube as astropy reads it."""

    def __init__(self, path: Path) -> None:
        with fits.open(path) as file:
            self.flux, self.error = (np.array(file[n].data, "f8") for n in ("SCI", "ERR"))
            dq = np.array(file["DQ"].data)
        with np.errstate(invalid="ignore"):
            self.good = np.isfinite(self.flux) & (self.error > 0) & ((dq & 1) == 0)

    def put_together(self, part: Any, axis: Any) -> tuple[Array, Array, Array]:
        """Return mean, its error and the number of good voxels."""
        good = self.good[part]
        n = good.sum(axis=axis)
        with np.errstate(invalid="ignore", divide="ignore"):
            flux = np.where(good, self.flux[part], 0).sum(axis=axis) / n
            error = np.sqrt(np.where(good, self.error[part] ** 2, 0).sum(axis=axis)) / n
        return flux, error, n


@pytest.fixture(scope="module")
def cube(real: Service) -> Cube:
    return Cube(path_of(real, CUBE))


def test_a_plane(real_api: TestClient, cube: Cube) -> None:
    answer = get(real_api, CUBE, z=100, columns="flux,wavelength")
    np.testing.assert_array_equal(array(answer, "flux"), cube.flux[100:101])
    assert list(answer["data"]) == ["flux", "wavelength"]
    _, ny, nx = cube.flux.shape
    assert answer["cutout"] == {"z": [100, 100], "y": [0, ny - 1], "x": [0, nx - 1]}


def test_a_box(real_api: TestClient, cube: Cube) -> None:
    answer = get(real_api, CUBE, z="7,30", y="3,5", x="10,20")
    np.testing.assert_array_equal(array(answer, "flux"), cube.flux[7:31, 3:6, 10:21])
    np.testing.assert_array_equal(array(answer, "fluxErr"), cube.error[7:31, 3:6, 10:21])
    assert np.shape(answer["data"]["ra"]) == (3, 11)
    assert len(answer["data"]["wavelength"]) == 24


def test_a_spaxel(real_api: TestClient, cube: Cube) -> None:
    ny, nx = cube.flux.shape[1:]
    y, x = ny // 2, nx // 3
    answer = get(real_api, CUBE, spectrum=y * nx + x, columns="flux,fluxErr")
    np.testing.assert_array_equal(array(answer, "flux"), cube.flux[:, y, x])
    same = get(real_api, CUBE, x=x, y=y, columns="flux")
    np.testing.assert_array_equal(array(same, "flux")[:, 0, 0], cube.flux[:, y, x])


def test_planes_of_a_range_of_wavelengths(real_api: TestClient, cube: Cube) -> None:
    whole = array(get(real_api, CUBE, columns="wavelength"), "wavelength")
    low, high = whole[40], whole[60]
    answer = get(real_api, CUBE, wavelength=f"{low},{high}", columns="flux,wavelength")
    np.testing.assert_array_equal(array(answer, "wavelength"), whole[40:61])
    np.testing.assert_array_equal(array(answer, "flux"), cube.flux[40:61])
    in_angstrom = get(
        real_api,
        CUBE,
        wavelength=f"{low * 1e4 - 1},{high * 1e4 + 1} Angstrom",
        columns="wavelength",
    )
    assert array(in_angstrom, "wavelength").tolist() == whole[40:61].tolist()


def test_the_mean_over_wavelength(real_api: TestClient, cube: Cube) -> None:
    answer = get(real_api, CUBE, bin="wavelength")
    flux, error, n = cube.put_together(np.s_[:], 0)
    np.testing.assert_allclose(array(answer, "flux"), flux, rtol=1e-12)
    np.testing.assert_allclose(array(answer, "fluxErr"), error, rtol=1e-12)
    np.testing.assert_array_equal(array(answer, "nGood"), n)
    assert np.shape(answer["data"]["ra"]) == flux.shape


def test_the_sum_of_planes(real_api: TestClient, cube: Cube) -> None:
    answer = get(real_api, CUBE, z="5,9", bin="z", statistic="sum")
    flux, error, n = cube.put_together(np.s_[5:10], 0)
    np.testing.assert_allclose(array(answer, "flux"), np.where(n > 0, flux * n, np.nan), rtol=1e-12)
    np.testing.assert_allclose(array(answer, "fluxErr"), error * n, rtol=1e-12)


def test_an_aperture(real: Service, real_api: TestClient, cube: Cube) -> None:
    sky = get(real_api, CUBE, z=0, columns="ra,dec")
    ra, dec = array(sky, "ra"), array(sky, "dec")
    middle = SkyCoord(ra[12, 14], dec[12, 14], unit="deg")
    inside = middle.separation(SkyCoord(ra, dec, unit="deg")) <= 1.2 * u.arcsec
    circle = {"ra": ra[12, 14], "dec": dec[12, 14], "radius": "1.2arcsec"}
    cut = get(real_api, CUBE, **circle, columns="flux,inside")
    (y0, y1), (x0, x1) = cut["cutout"]["y"], cut["cutout"]["x"]
    np.testing.assert_array_equal(cut["data"]["inside"], inside[y0 : y1 + 1, x0 : x1 + 1])
    assert np.sum(cut["data"]["inside"]) == inside.sum() > 5
    np.testing.assert_array_equal(array(cut, "flux"), cube.flux[:, y0 : y1 + 1, x0 : x1 + 1])
    spectrum = get(real_api, CUBE, **circle, bin="x,y")
    flux, error, n = cube.put_together(np.s_[:, inside], 1)
    np.testing.assert_allclose(array(spectrum, "flux"), flux, rtol=1e-12)
    np.testing.assert_allclose(array(spectrum, "fluxErr"), error, rtol=1e-12)
    np.testing.assert_array_equal(array(spectrum, "nGood"), n)


def test_groups_of_pixels(real_api: TestClient, cube: Cube) -> None:
    answer = get(real_api, CUBE, z="0,9", bin="z:4,x:2", y="4,5", x="8,13")
    assert np.shape(answer["data"]["flux"]) == (3, 2, 3)
    flux, _, n = cube.put_together(np.s_[8:10, 4:6, 12:14], (0, 2))
    np.testing.assert_allclose(array(answer, "flux")[2, :, 2], flux, rtol=1e-12)
    np.testing.assert_array_equal(array(answer, "nGood")[2, :, 2], n)
    whole = array(get(real_api, CUBE, columns="wavelength"), "wavelength")
    np.testing.assert_allclose(
        array(answer, "wavelength"), [whole[:4].mean(), whole[4:8].mean(), whole[8:10].mean()]
    )


def test_rows_of_an_image(real: Service, real_api: TestClient) -> None:
    with fits.open(path_of(real, IMAGE)) as file:
        flux, error, weight = (np.array(file[n].data, "f8") for n in ("SCI", "ERR", "WHT"))
    cut = get(real_api, IMAGE, y="3,6", columns="flux,wavelength")
    np.testing.assert_array_equal(array(cut, "flux"), flux[3:7])
    row = get(real_api, IMAGE, spectrum=5, columns="flux")
    np.testing.assert_array_equal(array(row, "flux"), flux[5])
    mean = get(real_api, IMAGE, y="3,6", bin="y")
    wavelength = np.broadcast_to(array(cut, "wavelength"), flux[3:7].shape)
    good = np.isfinite(flux[3:7]) & np.isfinite(error[3:7]) & (weight[3:7] > 0)
    good &= np.isfinite(wavelength)
    with np.errstate(invalid="ignore"):
        expected = np.where(good, flux[3:7], 0).sum(axis=0) / good.sum(axis=0)
    np.testing.assert_allclose(array(mean, "flux"), expected, rtol=1e-12)
    np.testing.assert_array_equal(array(mean, "nGood"), good.sum(axis=0))


def test_pixels_of_a_spectrum(real: Service, real_api: TestClient) -> None:
    table = fits.getdata(path_of(real, TABLE), "EXTRACT1D")
    wavelength = np.array(table["WAVELENGTH"], "f8")
    inside = (wavelength >= 3.2) & (wavelength <= 3.5)
    answer = get(real_api, TABLE, wavelength="3.2,3.5")
    np.testing.assert_array_equal(array(answer, "wavelength"), wavelength[inside])
    np.testing.assert_array_equal(array(answer, "flux"), np.array(table["FLUX"], "f8")[inside])
    one = get(real_api, TABLE, x="10,12", columns="flux")
    np.testing.assert_array_equal(array(one, "flux"), np.array(table["FLUX"], "f8")[10:13])
    binned = get(real_api, TABLE, x="1000,1009", bin="wavelength:5")
    part = slice(1000, 1010)
    np.testing.assert_allclose(
        array(binned, "wavelength"), wavelength[part].reshape(2, 5).mean(axis=1)
    )
    assert array(binned, "nGood").tolist() == [5, 5]
    np.testing.assert_allclose(
        array(binned, "flux"), np.array(table["FLUX"], "f8")[part].reshape(2, 5).mean(axis=1)
    )


@pytest.mark.parametrize(
    ("name", "words", "status", "told"),
    [
        (CUBE, {"x": "0,5000"}, 400, "from 0 to"),
        (CUBE, {"x": "5,3"}, 400, "lower index first"),
        (CUBE, {"spectrum": 3, "x": 1}, 400, "leave one of them out"),
        (CUBE, {"wavelength": "1,2"}, 404, "there are"),
        (CUBE, {"ra": 0, "dec": 0, "radius": 1}, 404, "nearest"),
        (CUBE, {"ra": 0}, 400, "dec is missing"),
        (CUBE, {"bin": "w"}, 400, "no axis"),
        (CUBE, {"bin": "z,wavelength"}, 400, "once"),
        (CUBE, {"statistic": "sum"}, 400, "goes with bin"),
        (CUBE, {"bin": "x", "statistic": "mode"}, 400, "mean nor sum"),
        (CUBE, {"columns": "fluks"}, 400, "no array 'fluks'"),
        (CUBE, {"wavelenth": "1,2"}, 400, "there is no parameter 'wavelenth'"),
        (TABLE, {"y": 3}, 400, "has no such axis"),
        (TABLE, {"bin": "y"}, 400, "no axis y"),
        (TABLE, {"wavelength": "100,200"}, 404, "there are"),
        (TABLE, {"wavelength": "3"}, 400, "two values"),
        (TABLE, {"ra": 0, "dec": 0, "radius": 1}, 404, "nearest"),
        (IMAGE, {"z": 3}, 400, "has no such axis"),
    ],
)
def test_cuts_that_do_not_fit(
    real_api: TestClient, name: str, words: dict[str, Any], status: int, told: str
) -> None:
    response = real_api.get(f"{API}/retrieve", params={"filename": name, **words})
    assert response.status_code == status
    assert told in response.json()["message"]


@given(st.text(max_size=12), st.sampled_from(["x", "wavelength", "bin", "spectrum", "radius"]))
def test_any_text_is_read_or_refused(text: str, name: str) -> None:
    words = [(name, text)]
    if name == "radius":
        words += [("ra", "1"), ("dec", "1")]
    with contextlib.suppress(BadQueryError):
        parse_retrieval(words)


@pytest.mark.parametrize("form", ["csv", "votable", "fits", "parquet", "arrow"])
@pytest.mark.parametrize(
    ("name", "words"),
    [
        (TABLE, {}),
        (IMAGE, {"y": "3,6"}),
        (CUBE, {"z": "5,7", "x": "10,20"}),
        (CUBE, {"bin": "z"}),
        (CUBE, {"spectrum": 500}),
    ],
)
def test_tables_have_what_json_has(
    real_api: TestClient, tmp_path: Path, name: str, words: dict[str, Any], form: str
) -> None:
    answer = get(real_api, name, **words)
    response = real_api.get(f"{API}/retrieve.{form}", params={"filename": name, **words})
    assert response.status_code == 200
    assert f'{Path(name).stem}.{form}"' in response.headers["content-disposition"]
    path = tmp_path / f"answer.{form}"
    path.write_bytes(response.content)
    table = read_table(path, form)
    flux = array(answer, "flux")
    assert len(table) == flux.size
    np.testing.assert_array_equal(np.array(table["flux"], "f8"), flux.ravel())
    if flux.ndim > 1:
        names = ("z", "y", "x")[-flux.ndim :]
        firsts = [answer.get("cutout", {}).get(axis, [0])[0] for axis in names]
        for axis, grid, first in zip(names, np.indices(flux.shape), firsts, strict=True):
            np.testing.assert_array_equal(np.array(table[axis]), grid.ravel() + first)
    if form in ("votable", "fits"):
        assert table["flux"].unit == u.Unit(answer["column_metadata"]["flux"]["units"])


def read_table(path: Path, form: str) -> Table:
    if form in ("csv", "votable", "fits"):
        return Table.read(path, format={"csv": "ascii.csv"}.get(form, form))
    import pyarrow as pa  # noqa: PLC0415 - imported when it is needed
    import pyarrow.parquet as pq  # noqa: PLC0415 - imported when it is needed

    source = path.read_bytes()
    arrow = (
        pa.ipc.open_stream(source).read_all()
        if form == "arrow"
        else pq.ParquetFile(pa.BufferReader(source)).read()
    )
    return Table({name: arrow[name].to_numpy() for name in arrow.column_names})


def test_derived_figures_as_a_table(real_api: TestClient, tmp_path: Path) -> None:
    answer = real_api.get(f"{API}/retrieve/derived", params={"filename": TABLE}).json()
    path = tmp_path / "derived.fits"
    path.write_bytes(
        real_api.get(f"{API}/retrieve/derived.fits", params={"filename": TABLE}).content
    )
    table = Table.read(path)
    assert table["derSnr"].tolist() == answer["data"]["derSnr"]


def test_the_file_itself(real: Service, real_api: TestClient) -> None:
    url = f"{API}/retrieve/file?filename={TABLE}"
    whole = real_api.get(url)
    content = path_of(real, TABLE).read_bytes()
    assert whole.content == content
    assert TABLE in whole.headers["content-disposition"]
    part = real_api.get(url, headers={"range": "bytes=2880-5759"})
    assert (part.status_code, part.content) == (206, content[2880:5760])
    assert int(real_api.head(url).headers["content-length"]) == len(content)
    assert real_api.get(f"{API}/retrieve/file?filename=none.fits").status_code == 404


def test_sql_that_is_not_run(real_api: TestClient) -> None:
    words = {"wavelength": "3,3.1", "flux.gt": "0"}
    told = real_api.get(f"{API}/search/sql", params=words).json()
    assert told["query"] == real_api.get(f"{API}/search", params=words).json()["query"]
    assert real_api.get(f"{API}/search/sql", params={"wavelenth": "3"}).status_code == 400


# What is good, where it lies, and the arrays as they are


def test_good_of_a_cube(real_api: TestClient, cube: Cube) -> None:
    answer = get(real_api, CUBE, z="7,30", y="3,9", x="10,20", columns="flux,good")
    np.testing.assert_array_equal(array(answer, "good"), cube.good[7:31, 3:10, 10:21])
    one = get(real_api, CUBE, spectrum=13 * cube.flux.shape[2] + 10, columns="good")
    np.testing.assert_array_equal(array(one, "good"), cube.good[:, 13, 10])


def test_good_of_an_image(real: Service, real_api: TestClient) -> None:
    with fits.open(path_of(real, IMAGE)) as file:
        flux, error, weight = (file[n].data for n in ("SCI", "ERR", "WHT"))
    good = np.isfinite(flux) & np.isfinite(error) & (weight > 0)
    answer = get(real_api, IMAGE, y="2,20", x="5,600", columns="good")
    np.testing.assert_array_equal(array(answer, "good"), good[2:21, 5:601])


def test_good_pixels_are_those_that_a_search_finds(real: Service, real_api: TestClient) -> None:
    for row in real.products():
        with real.retrieve(row["uri"]) as retrieved:
            if any(column.ragged for column in retrieved.answer.columns):
                continue
        pairs = [("uri", row["uri"]), ("columns", "good")]
        with real.retrieve_request(pairs) as retrieved:
            good = retrieved.answer.columns[0].read()
        asked = [("product", "all"), ("uri", row["uri"]), ("good", "true")]
        # A search finds what has a flux; of images also what has weight.
        assert int(good.sum()) == real.count(asked).pixels, row["uri"]


@pytest.mark.parametrize("words", [{}, {"y": "3,9", "x": "10,20", "z": "5"}, {"bin": "wavelength"}])
def test_the_wcs_gives_the_positions(real_api: TestClient, words: dict[str, str]) -> None:
    answer = get(real_api, CUBE, **words)
    header = fits.Header({"WCSAXES": 2, **answer["wcs"]})
    ra, dec = array(answer, "ra"), array(answer, "dec")
    y, x = np.mgrid[: ra.shape[0], : ra.shape[1]]
    lon, lat = WCS(header).pixel_to_world_values(x, y)
    np.testing.assert_allclose(lon % 360, ra, rtol=0, atol=1e-11)
    np.testing.assert_allclose(lat, dec, rtol=0, atol=1e-11)


def test_pixels_put_together_have_no_wcs(real_api: TestClient) -> None:
    assert "wcs" not in get(real_api, CUBE, bin="x:2,y:2")
    assert "wcs" not in get(real_api, IMAGE)


@pytest.mark.parametrize("name", [CUBE, IMAGE, TABLE])
@pytest.mark.parametrize("words", [{}, {"x": "3,8", "columns": "flux,wavelength,good"}])
def test_npz_has_the_arrays_of_the_file(
    real: Service, real_api: TestClient, name: str, words: dict[str, str]
) -> None:
    response = real_api.get(f"{API}/retrieve.npz", params={"filename": name, **words})
    assert response.headers["content-type"] == "application/x-npz"
    with real.retrieve_request([("filename", name), *words.items()]) as retrieved:
        columns = {column.name: column.read() for column in retrieved.answer.columns}
    with np.load(io.BytesIO(response.content), allow_pickle=False) as archive:
        assert {n for n in archive.files if n != "answer.json"} == set(columns)
        head = json.loads(archive["answer.json"])
        for column, values in columns.items():
            np.testing.assert_array_equal(archive[column], values)
            assert archive[column].dtype == values.dtype.newbyteorder("=")
    assert head["filename"] == name
    assert set(head["column_metadata"]) >= set(columns)


def test_npz_has_slits_and_texts(tmp_path: Path) -> None:
    def column(name: str, dtype: str, chunks: list[Array], **more: Any) -> ArrayColumn:
        n = sum(len(chunk) for chunk in chunks)
        return ArrayColumn(name, name, dtype, (n,), lambda: iter(chunks), **more)

    slits = [np.zeros((2, 3), "f4"), np.ones((4, 2), "f4")]
    columns = [
        column("flux", "float32", slits, ragged=True),
        column("name", "string", [np.array(["a", "abc"]), np.array(["é"])]),
        column("none", "float", []),
    ]
    answer = ArraysResult("local:x/y.fits", "y.fits", "s2d", columns)
    (tmp_path / "y.npz").write_bytes(b"".join(npz(answer)))
    with np.load(tmp_path / "y.npz", allow_pickle=False) as archive:
        np.testing.assert_array_equal(archive["flux.0"], slits[0])
        np.testing.assert_array_equal(archive["flux.1"], slits[1])
        assert archive["name"].tolist() == ["a", "abc", "é"]
        assert archive["none"].shape == (0,)
