"""The answers of Spectral DB, before any format: what the API, the CLI and the client share."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from spectraldb.cutouts.boxes import Box, Index
from spectraldb.fits.header import Value
from spectraldb.products.array_column import ArrayColumn
from spectraldb.products.block import Axis
from spectraldb.schema.arrow import ARROW_TYPES
from spectraldb.schema.column import Column

Metadata = dict[str, dict[str, object]]


@dataclass(frozen=True)
class SearchPage:
    """One page of a search."""

    sql: str
    rows: pa.Table
    columns: dict[str, Column]
    version: int
    truncated: bool
    after: str | None
    """Token of the following page, if there is one."""
    message: str


@dataclass(frozen=True)
class ArraysResult:
    """The arrays of a product, or the figures of its spectra."""

    uri: str
    file_name: str
    product_type: str
    columns: list[ArrayColumn]
    spectra: list[dict[str, object]] = field(default_factory=list)
    row_columns: list[ArrayColumn] = field(default_factory=list)
    """Columns with a value for each spectrum; `spectra` holds the values."""
    dispersion: Axis | None = None
    """The axis along which wavelength runs."""
    box: Box = field(default_factory=dict)
    """The indices along each axis, where only a part was asked for."""
    index: Index = field(default_factory=dict)
    """The file's indices along each axis of an image or a cube, slowest axis first."""

    wcs: dict[str, Value] = field(default_factory=dict)
    """FITS cards of the celestial axes, of cubes."""

    @property
    def message(self) -> str:
        """What the archive's service says of an answer."""
        return f"Successfully found data for {self.file_name}"

    @property
    def metadata(self) -> Metadata:
        """`column_metadata`: what each array is."""
        return {c.name: c.metadata() for c in (*self.columns, *self.row_columns)}

    @property
    def size(self) -> int:
        """About how many values there are."""
        total = 0
        for column in self.columns:
            n = 1
            for length in column.shape:
                n *= length
            total += n
        return total


@dataclass(frozen=True)
class TableStream:
    """All rows that match, read while they are sent."""

    sql: str
    """Of the first part, where a long answer is asked for in parts."""
    columns: dict[str, Column]
    version: int | None
    """Of the lake; None where it has no part in the answer."""
    units: dict[str, str]
    """Units of columns that have each product's own, where all products have the same."""
    batches: Callable[[], Iterator[pa.RecordBatch]]
    measure: Callable[[], tuple[int, dict[str, int]]]
    """How many rows there are, and the bytes of the longest text of each text column."""
    name: str = "PIXELS"
    """What the table is called, where a format names tables."""

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema, each field with its unit, description and UCD."""
        fields = [self._field(name, column) for name, column in self.columns.items()]
        metadata = {"spectraldb.version": self.version, "spectraldb.query": self.sql or None}
        return pa.schema(fields, {k: str(v) for k, v in metadata.items() if v is not None})

    def _field(self, name: str, column: Column) -> pa.Field:
        texts = {"unit": self.unit(column), "description": column.description, "ucd": column.ucd}
        metadata = {key: text for key, text in texts.items() if text}
        return pa.field(name, ARROW_TYPES[column.dtype], metadata=metadata)

    def unit(self, column: Column) -> str:
        """Return the unit of a column of this answer."""
        return column.unit or self.units.get(column.name, "")


def whole_table(answer: SearchPage, name: str) -> TableStream:
    """Return an answer that is whole on its one page as a table."""

    def measure() -> tuple[int, dict[str, int]]:
        texts = [name for name, column in answer.columns.items() if column.dtype == "string"]
        longest = {n: pc.max(pc.binary_length(answer.rows[n])).as_py() for n in texts}
        return len(answer.rows), {name: length or 0 for name, length in longest.items()}

    return TableStream(
        sql=answer.sql,
        columns=answer.columns,
        version=answer.version,
        units={},
        batches=lambda: iter(answer.rows.to_batches()),
        measure=measure,
        name=name,
    )


@dataclass(frozen=True)
class SqlResult:
    """What a search would run."""

    sql: str
    version: int
    message: str


@dataclass(frozen=True)
class CountResult:
    """How many pixels match, and of how many products."""

    sql: str
    pixels: int
    products: int
    version: int
    message: str


def search_metadata(columns: dict[str, Column]) -> Metadata:
    """Return `column_metadata` of a search's results."""
    return {
        name: {
            "dtype": column.dtype,
            "description": column.description,
            "units": column.unit or None,
        }
        for name, column in columns.items()
    }
