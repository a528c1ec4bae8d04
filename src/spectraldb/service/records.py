"""What a lake holds, as records."""

from dataclasses import asdict, dataclass

from spectraldb.maintenance.status import LakeFiles


@dataclass(frozen=True)
class TypeHoldings:
    """How much of one product type a lake holds."""

    product_type: str
    products: int
    spectra: int
    pixels: int

    def as_dict(self) -> dict[str, object]:
        """Return the record under the names of the API."""
        return {
            "productType": self.product_type,
            "products": self.products,
            "spectra": self.spectra,
            "pixels": self.pixels,
        }


@dataclass(frozen=True)
class Holdings:
    """How much a version of a lake holds, of each product type and in all."""

    version: int
    types: tuple[TypeHoldings, ...]

    @property
    def products(self) -> int:
        """The number of products."""
        return sum(each.products for each in self.types)

    @property
    def spectra(self) -> int:
        """The number of spectra."""
        return sum(each.spectra for each in self.types)

    @property
    def pixels(self) -> int:
        """The number of stored pixels."""
        return sum(each.pixels for each in self.types)

    def as_dict(self) -> dict[str, object]:
        """Return the holdings under the names of the API."""
        totals = {"products": self.products, "spectra": self.spectra, "pixels": self.pixels}
        types = [each.as_dict() for each in self.types]
        return {"version": self.version, **totals, "productTypes": types}


@dataclass(frozen=True)
class LakeInfo:
    """Where a lake is, its versions, what it holds and how much room that takes."""

    address: str
    """As a user writes it."""
    oldest_version: int
    holdings: Holdings
    files: LakeFiles

    def type_rows(self) -> list[dict[str, object]]:
        """Return a row for each product type: what it holds, and its files."""
        return [
            each.as_dict() | asdict(self.files.types[each.product_type])
            for each in self.holdings.types
        ]

    def as_dict(self) -> dict[str, object]:
        """Return the record under the names of the command line's JSON."""
        return {
            "lake": self.address,
            "version": self.holdings.version,
            "oldestVersion": self.oldest_version,
            "bytes": self.files.bytes,
            "segmentBytes": self.files.segment_bytes,
            "byWavelengthBytes": self.files.sorted_copy_bytes,
            "due": self.files.pending_optimization,
            "productTypes": self.type_rows(),
        }
