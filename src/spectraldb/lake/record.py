"""A row of DataProduct as a typed record."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from spectraldb.schema.column import Column


@dataclass(frozen=True)
class ProductRecord:
    """A product: one row of DataProduct.

    Columns that the code uses are typed attributes.  All columns are available by name, as in
    ``record["targetName"]``.

    Parameters
    ----------
    values
        Values of all columns by name, in the order of the schema.
    """

    values: Mapping[str, Any]

    def __getitem__(self, column: str) -> Any:  # noqa: ANN401 - the type depends on the column
        return self.values[column]

    def as_dict(self) -> dict[str, Any]:
        """Return the values of all columns by name, for JSON and Arrow."""
        return dict(self.values)

    def with_file(self, location: str, modified: int) -> Self:
        """Return a copy of the record for a file at another location.

        Parameters
        ----------
        location
            Path of the file, or URI of the object.
        modified
            Modification time of that file, in nanoseconds since 1970.
        """
        return type(self)({**self.values, "location": location, "modified": modified})

    def unit(self, column: Column) -> str:
        """Return the unit of a column in this product, or an empty string if it has none."""
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
    def layout(self) -> str:
        """Name of the layout of the file."""
        return str(self.values["layout"])

    @property
    def location(self) -> str:
        """Path of the FITS file, or URI of the object."""
        return str(self.values["location"])

    @property
    def checksum(self) -> str:
        """SHA-256 of the FITS file, as in ``sha256:9f86d0...``."""
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
        """Time of the ingest in UTC, in ISO 8601 format."""
        return str(self.values["ingested"])

    @property
    def cal_version(self) -> str:
        """Version of the calibration pipeline; empty if the header does not contain it."""
        return str(self.values["calVer"] or "")

    @property
    def n_spectra(self) -> int:
        """Number of spectra."""
        return int(self.values["nSpectra"])

    @property
    def n_stored(self) -> int:
        """Number of pixels in the lake."""
        return int(self.values["nStored"])
