"""A row of the product table as a typed record."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from spectraldb.schema.column import Column


@dataclass(frozen=True)
class ProductRecord:
    """A product: one row of DataProduct.

    What the code reads is a typed attribute; any column is reached by its name in the schema,
    as in ``record["targetName"]``.

    Parameters
    ----------
    values
        Every column of the row, by name, in the order of the schema.
    """

    values: Mapping[str, Any]

    def __getitem__(self, column: str) -> Any:  # noqa: ANN401 - the type depends on the column
        return self.values[column]

    def as_dict(self) -> dict[str, Any]:
        """Return the columns by name, as JSON and Arrow take them."""
        return dict(self.values)

    def with_file(self, location: str, modified: int) -> Self:
        """Return the record with its file at another location.

        Parameters
        ----------
        location
            The path of the file, or the URI of an object.
        modified
            Modification time there, in nanoseconds since 1970.
        """
        return type(self)({**self.values, "location": location, "modified": modified})

    def unit(self, column: Column) -> str:
        """Return the unit that a column has in this product; empty if it has none."""
        if not column.unit_from:
            return column.unit
        return str(self.values[column.unit_from] or "")

    @property
    def product_id(self) -> int:
        """Number of the product in this lake."""
        return int(self.values["productId"])

    @property
    def uri(self) -> str:
        """MAST URI, or a ``local:`` URI."""
        return str(self.values["uri"])

    @property
    def file_name(self) -> str:
        """Name of the FITS file."""
        return str(self.values["fileName"])

    @property
    def product_type(self) -> str:
        """Product type, such as ``x1d``."""
        return str(self.values["productType"])

    @property
    def location(self) -> str:
        """Path of the FITS file, or the URI of an object."""
        return str(self.values["location"])

    @property
    def checksum(self) -> str:
        """SHA-256 of the FITS file."""
        return str(self.values["checksum"])

    @property
    def file_size(self) -> int:
        """Size of the FITS file in bytes."""
        return int(self.values["fileSize"])

    @property
    def modified(self) -> int:
        """Modification time of the FITS file, in nanoseconds since 1970."""
        return int(self.values["modified"])

    @property
    def ingested(self) -> str:
        """Time of the ingest in UTC, as ISO 8601."""
        return str(self.values["ingested"])

    @property
    def cal_version(self) -> str:
        """Version of the calibration pipeline; empty if the headers have none."""
        return str(self.values["calVer"] or "")

    @property
    def n_spectra(self) -> int:
        """Number of spectra."""
        return int(self.values["nSpectra"])

    @property
    def n_stored(self) -> int:
        """Number of pixels in the lake."""
        return int(self.values["nStored"])
