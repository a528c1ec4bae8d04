"""Results of searches and retrievals, independent of format; the API, CLI and client use them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

import pyarrow as pa
import pyarrow.compute as pc

from spectraldb.cutouts.boxes import Box, Index
from spectraldb.fits.header import Value
from spectraldb.products.array_column import ArrayColumn
from spectraldb.products.block import Axis
from spectraldb.schema.arrow import ARROW_TYPES
from spectraldb.schema.column import Column
from spectraldb.schema.dq_flags import DQ_FLAGS

Metadata = dict[str, dict[str, object]]
"""The `column_metadata` of a response: properties of each column, by its name."""


def join_sentences(*sentences: str) -> str:
    """Return sentences as one text, without those that are empty."""
    return " ".join(filter(None, sentences))


@dataclass(frozen=True)
class SearchPage:
    """One page of the results of a search."""

    make_sql: Callable[[], str]
    """Return the SQL of the search, in DuckDB's dialect."""
    rows: pa.Table
    columns: dict[str, Column]
    version: int
    """The version of the lake."""
    truncated: bool
    """Whether more results follow."""
    after: str | None
    """Token of the next page; None on the last page."""
    summary: str
    """Number of results, as a sentence."""
    excluded: str = ""
    """Products that the units of conditions exclude; empty if there are none."""

    @property
    def sql(self) -> str:
        """The SQL of the search, which is made when it is shown."""
        return self.make_sql()

    @property
    def message(self) -> str:
        """The summary and the note on excluded products."""
        return join_sentences(self.summary, self.excluded)

    def with_hint(self, hint: str) -> "SearchPage":
        """Return the page with a sentence added to its summary, if there is one."""
        return replace(self, summary=join_sentences(self.summary, hint))


@dataclass(frozen=True)
class ArraysResult:
    """The arrays of a product, or the derived statistics of its spectra."""

    uri: str
    file_name: str
    product_type: str
    columns: list[ArrayColumn]
    spectra: list[dict[str, object]] = field(default_factory=list)
    """Values of `row_columns` for each spectrum."""
    row_columns: list[ArrayColumn] = field(default_factory=list)
    """Columns with one value per spectrum."""
    dispersion: Axis | None = None
    """The axis of the wavelength."""
    box: Box = field(default_factory=dict)
    """Indices of a cut-out along each axis; empty for a whole product."""
    index: Index = field(default_factory=dict)
    """Indices in the file along each axis of an image or a cube, slowest axis first."""

    wcs: dict[str, Value] = field(default_factory=dict)
    """FITS keywords of the celestial WCS of a cube."""
    pixel_area: float | None = None
    """Solid angle of a spaxel in sr, if sums of a cube were multiplied by it."""

    @property
    def message(self) -> str:
        """The same message as in the response of the archive's service."""
        return f"Successfully found data for {self.file_name}"

    @property
    def metadata(self) -> Metadata:
        """The `column_metadata` of all columns."""
        return {c.name: c.metadata() for c in (*self.columns, *self.row_columns)}

    @property
    def size(self) -> int:
        """Approximate number of values."""
        total = 0
        for column in self.columns:
            n = 1
            for length in column.shape:
                n *= length
            total += n
        return total


@dataclass(frozen=True)
class TextSize:
    """The texts of a column, for formats with a fixed width: none is longer than this."""

    longest: int = 0
    """Bytes of the longest text in UTF-8."""
    is_ascii: bool = True

    def __or__(self, other: "TextSize") -> "TextSize":
        """Return the size of the texts of both."""
        return TextSize(max(self.longest, other.longest), self.is_ascii and other.is_ascii)


def text_size(texts: Iterable[str | None]) -> TextSize:
    """Return the size of texts; None counts as an empty text."""
    known = [text for text in texts if text]
    longest = max((len(text.encode()) for text in known), default=0)
    return TextSize(longest, all(map(str.isascii, known)))


@dataclass(frozen=True)
class TableStream:
    """A whole result, which is read while it is sent."""

    sql: str
    """SQL of the result, or of its first part if it is read in parts."""
    columns: dict[str, Column]
    version: int | None
    """Version of the lake; None if the result is not from the lake."""
    units: dict[str, str]
    """Units of columns whose unit varies between products, if it is the same in this result."""
    batches: Callable[[], Iterator[pa.RecordBatch]]
    """Iterate over the rows."""
    measure: Callable[[], tuple[int, dict[str, TextSize]]]
    """Return the number of rows, and the size of the texts in each text column."""
    name: str = "PIXELS"
    """Name of the table, in formats that have one."""
    excluded: str = ""
    """Products that the units of conditions exclude; empty if there are none."""

    @property
    def schema(self) -> pa.Schema:
        """Arrow schema, whose fields have the unit, the description and the UCD as metadata."""
        fields = [self._field(name, column) for name, column in self.columns.items()]
        metadata = {
            "spectraldb.version": self.version,
            "spectraldb.query": self.sql or None,
            "spectraldb.excluded": self.excluded or None,
        }
        return pa.schema(fields, {k: str(v) for k, v in metadata.items() if v is not None})

    def _field(self, name: str, column: Column) -> pa.Field:
        texts = {"unit": self.unit(column), "description": column.description, "ucd": column.ucd}
        metadata = {key: text for key, text in texts.items() if text}
        return pa.field(name, ARROW_TYPES[column.dtype], metadata=metadata)

    def unit(self, column: Column) -> str:
        """Return the unit of a column in this result; empty if it has none or it varies."""
        return column.unit or self.units.get(column.name, "")


def whole_table(answer: SearchPage, name: str) -> TableStream:
    """Return the rows of a result with a single page as a stream."""

    def measure() -> tuple[int, dict[str, TextSize]]:
        texts = [name for name, column in answer.columns.items() if column.dtype == "string"]
        sizes = {name: text_size(pc.unique(answer.rows[name]).to_pylist()) for name in texts}
        return len(answer.rows), sizes

    return TableStream(
        sql=answer.sql,
        columns=answer.columns,
        version=answer.version,
        units={},
        batches=lambda: iter(answer.rows.to_batches()),
        measure=measure,
        name=name,
        excluded=answer.excluded,
    )


@dataclass(frozen=True)
class SqlResult:
    """The SQL of a search that was not run."""

    sql: str
    version: int
    message: str
    excluded: str = ""
    """Products that the units of conditions exclude; empty if there are none."""


@dataclass(frozen=True)
class CountResult:
    """The numbers of matching pixels and of their products."""

    make_sql: Callable[[], str]
    """Return the SQL of the search, in DuckDB's dialect."""
    pixels: int
    products: int
    version: int
    message: str
    excluded: str = ""
    """Products that the units of conditions exclude; empty if there are none."""

    @property
    def sql(self) -> str:
        """The SQL of the search, which is made when it is shown."""
        return self.make_sql()


def search_metadata(columns: dict[str, Column]) -> Metadata:
    """Return the `column_metadata` of the results of a search."""
    return {
        name: {
            "dtype": column.dtype,
            "description": column.description,
            "units": column.unit or None,
            **({"flags": DQ_FLAGS} if column.has_flags else {}),
        }
        for name, column in columns.items()
    }
