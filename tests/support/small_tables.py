"""Small tables of products, spectra and pixels, drawn by hypothesis, and searches of them.

Values are from short lists, so that conditions match part of the rows.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from duckdb import DuckDBPyConnection
from hypothesis import strategies as st

from spectraldb.query.model import PixelQuery
from spectraldb.query.parse import parse_pixels
from spectraldb.query.sql.expressions import Units
from spectraldb.query.sql.pixels import compile_pixels
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.columns import RANGED, UNIT_COLUMNS
from spectraldb.schema.tables import Table
from spectraldb.settings import Settings

Row = dict[str, Any]
Key = tuple[int, int, int]
"""Product, spectrum and index of a pixel."""

NUMBERS = (-1.0, 0.0, 0.5, 1.0, 2.0, 3e6)
WHOLE = (0, 1, 2, 513)
TARGETS = ("NGC 7469", "ngc 7469", "M_1", "Größe", None)
INSTRUMENTS = ("MIRI", "NIRSPEC", None)
UNITS = ("Jy", "MJy", "MJy/sr", "erg / (s cm2 um)", None)
POSITIONS = ((10.0, -20.0), (10.0001, -20.0), (190.0, 45.0), (None, None))

_FLOATS = st.sampled_from([*NUMBERS, None])
_INTEGERS = st.sampled_from([*WHOLE, None])


@dataclass(frozen=True)
class SmallTables:
    """Rows of the three tables, each in the order of its keys."""

    products: list[Row]
    spectra: list[Row]
    pixels: list[Row] = field(default_factory=list)

    def table(self, table: Table, rows: Iterable[Row] | None = None) -> pa.Table:
        """Return rows of a table, by default all."""
        every = {
            Table.PRODUCT: self.products,
            Table.SPECTRUM: self.spectra,
            Table.PIXEL: self.pixels,
        }[table]
        return pa.Table.from_pylist(list(every if rows is None else rows), schema=SCHEMAS[table])

    @property
    def units(self) -> Units:
        """The units that products have, by the name of the unit column."""
        columns = set(UNIT_COLUMNS.values())
        return {name: sorted({row[name] for row in self.products if row[name]}) for name in columns}

    def product_of(self, row: Row) -> Row:
        """Return the product of a row of another table."""
        return next(each for each in self.products if each["productId"] == row["productId"])

    def spectrum_of(self, pixel: Row) -> Row:
        """Return the spectrum of a pixel."""
        keys = ("productId", "spectrum")
        return next(s for s in self.spectra if all(s[key] == pixel[key] for key in keys))

    @contextmanager
    def cursor(self, connection: DuckDBPyConnection) -> Iterator[DuckDBPyConnection]:
        """Yield a cursor with the three tables."""
        with connection.cursor() as cursor:
            for table in (Table.PRODUCT, Table.SPECTRUM, Table.PIXEL):
                cursor.register(table.value, self.table(table))
            yield cursor

    def matching(self, connection: DuckDBPyConnection, query: PixelQuery) -> list[Key]:
        """Return the pixels that DuckDB finds for a search in the default order."""
        sql = compile_pixels(query, self.units).statement.text
        with self.cursor(connection) as cursor:
            rows = cursor.sql(sql).to_arrow_table().to_pylist()
        return [(row["_0"], row["_1"], row["_2"]) for row in rows]


def key_of(pixel: Row) -> Key:
    """Return the key of a pixel."""
    return pixel["productId"], pixel["spectrum"], pixel["pixel"]


@st.composite
def small_tables(draw: st.DrawFn) -> SmallTables:
    """Draw the tables: up to three products of up to three spectra of up to four pixels."""
    tables = SmallTables([], [])
    for product_id in draw(st.lists(st.integers(0, 9), min_size=1, max_size=3, unique=True)):
        _draw_product(draw, product_id, tables)
    for rows in (tables.products, tables.spectra, tables.pixels):
        rows.sort(key=lambda row: [row.get(k, 0) for k in ("productId", "spectrum", "pixel")])
    return tables


def _draw_product(draw: st.DrawFn, product_id: int, tables: SmallTables) -> None:
    n_spectra = draw(st.integers(1, 3))
    tables.products.append(
        {
            "productId": product_id,
            "productType": draw(st.sampled_from(["x1d", "s2d"])),
            "fileName": f"{product_id}_x1d.fits",
            "targetName": draw(st.sampled_from(TARGETS)),
            "instrument": draw(st.sampled_from(INSTRUMENTS)),
            "exposureTime": draw(_FLOATS),
            "fluxUnit": draw(st.sampled_from(UNITS)),
            "pixelArea": draw(st.sampled_from([1e-6, 2.0, None])),
            "surfBrightUnit": draw(st.sampled_from(["MJy/sr", None])),
            "nSpectra": n_spectra,
        }
    )
    for number in range(n_spectra):
        pixels = [
            _draw_pixel(draw, (product_id, number, index))
            for index in range(draw(st.integers(0, 4)))
        ]
        tables.pixels.extend(pixels)
        tables.spectra.append(_draw_spectrum(draw, (product_id, number), pixels))


def _draw_pixel(draw: st.DrawFn, key: Key) -> Row:
    product_id, spectrum, index = key
    return {
        "productId": product_id,
        "spectrum": spectrum,
        "pixel": index,
        "x": index,
        "y": draw(_INTEGERS),
        "wavelength": draw(_FLOATS),
        "flux": draw(st.sampled_from(NUMBERS)),
        "fluxErr": draw(_FLOATS),
        "surfBright": draw(_FLOATS),
        "dq": draw(_INTEGERS),
        "good": draw(st.booleans()),
    }


def _draw_spectrum(draw: st.DrawFn, key: tuple[int, int], pixels: Sequence[Row]) -> Row:
    ra, dec = draw(st.sampled_from(POSITIONS))
    return {
        "productId": key[0],
        "spectrum": key[1],
        "sourceId": draw(_INTEGERS),
        "sourceType": draw(st.sampled_from(["POINT", "EXTENDED", None])),
        "ra": ra,
        "dec": dec,
        "derSnr": draw(_FLOATS),
        "fluxMedian": draw(_FLOATS),
        "nGood": sum(pixel["good"] for pixel in pixels),
        **ranges_of(pixels),
    }


def ranges_of(pixels: Sequence[Row]) -> Row:
    """Return the range columns of the spectrum of some pixels."""
    columns: Row = {}
    for column in RANGED:
        values = [pixel_value(pixel, column.name) for pixel in pixels]
        present = [value for value in values if value is not None]
        columns[f"{column.name}Low"] = min(present, default=None)
        columns[f"{column.name}High"] = max(present, default=None)
    return columns


def pixel_value(pixel: Row, name: str) -> float | None:
    """Return the value of a pixel in a column, which may be computed; None for null."""
    if name != "snr":
        value: float | None = pixel.get(name)
        return value
    return pixel["flux"] / pixel["fluxErr"] if pixel["fluxErr"] else None


_NUMBER_COLUMNS = (
    *("wavelength", "flux", "fluxErr", "snr", "surfBright", "dq", "x", "y", "pixel"),
    *("spectrum", "sourceId", "ra", "dec", "derSnr", "fluxMedian", "nGood"),
    *("exposureTime", "nSpectra"),
)
_WITH_UNITS = {
    "flux": ("Jy", "mJy", "MJy/sr", "erg / (s cm2 AA)"),
    "fluxErr": ("MJy",),
    "fluxMedian": ("MJy",),
    "surfBright": ("Jy/arcsec2", "Jy"),
    "wavelength": ("nm",),
}
_OTHERS = (
    ("good", "true"),
    ("good", "false"),
    ("good.ne", "true"),
    ("targetName", "NGC 7469"),
    ("targetName", "ngc 7469,größe"),
    ("targetName.ne", "M_1"),
    ("targetName", "ngc7469"),
    ("targetName.in", "m 1,NGC-7469"),
    ("targetName.like", "ngc7*"),
    ("dq.has", "1"),
    ("dq.has", "NON_SCIENCE,DO_NOT_USE"),
    ("dq.lacks", "do_not_use,512"),
    ("targetName.like", "*_1"),
    ("targetName.gt", "n"),
    ("instrument.in", "miri,NIRSPEC"),
    ("sourceType", "point"),
    ("sourceType.like", "E*"),
    ("fluxErr.isnull", "true"),
    ("wavelength.isnull", "false"),
    ("dq.isnull", "true"),
    ("derSnr.isnull", "true"),
    ("sourceType.isnull", "false"),
    ("targetName.isnull", "true"),
    ("product", "x1d"),
    ("product", "all"),
)
_CONES = (
    [("ra", "10"), ("dec", "-20"), ("radius", "0.5arcsec")],
    [("ra", "9.9"), ("dec", "-20"), ("radius", "1")],
    [("ra", "370"), ("dec", "90"), ("radius", "180")],
)


@st.composite
def _number_condition(draw: st.DrawFn) -> tuple[str, str]:
    name = draw(st.sampled_from(_NUMBER_COLUMNS))
    key = draw(st.sampled_from(["eq", "ne", "gt", "gte", "lt", "lte", "between", "in"]))
    n_values = {"between": 2, "in": draw(st.integers(1, 3))}.get(key, 1)
    values = sorted(draw(st.sampled_from(NUMBERS)) for _ in range(n_values))
    unit = draw(st.sampled_from(["", *_WITH_UNITS.get(name, ())]))
    text = ",".join(map(repr, values))
    return f"{name}.{key}", f"{text} {unit}".strip()


@st.composite
def searches(draw: st.DrawFn) -> PixelQuery:
    """Draw a search for pixels of all types without a limit, in the default order."""
    pairs = draw(st.lists(_number_condition() | st.sampled_from(_OTHERS), max_size=3))
    pairs += draw(st.sampled_from([[], [], *_CONES]))
    if not any(name == "product" for name, _ in pairs):
        pairs.append(("product", "x1d,s2d"))
    return parse_pixels(pairs, Settings(), unlimited=True)
