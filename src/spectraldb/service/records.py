"""Records that describe the contents of a lake."""

from dataclasses import asdict, dataclass

from spectraldb.maintenance.status import LakeFiles

EMPTY_LAKE = "The lake is empty. Add files with `spectraldb ingest PATH...`."


@dataclass(frozen=True)
class TypeHoldings:
    """The contents of a lake of one product type."""

    product_type: str
    products: int
    spectra: int
    pixels: int

    def as_dict(self) -> dict[str, object]:
        """Return the record as a dictionary, with the names of the API."""
        return {
            "productType": self.product_type,
            "products": self.products,
            "spectra": self.spectra,
            "pixels": self.pixels,
        }


@dataclass(frozen=True)
class LayoutHoldings:
    """The number of products of one layout and level in a lake."""

    layout: str
    level: str
    products: int


@dataclass(frozen=True)
class Holdings:
    """The contents of a version of a lake, in total and by product type."""

    version: int
    types: tuple[TypeHoldings, ...]
    layouts: tuple[LayoutHoldings, ...] = ()
    """In the order of their names."""

    @property
    def products(self) -> int:
        """Number of products."""
        return sum(each.products for each in self.types)

    @property
    def spectra(self) -> int:
        """Number of spectra."""
        return sum(each.spectra for each in self.types)

    @property
    def pixels(self) -> int:
        """Number of stored pixels."""
        return sum(each.pixels for each in self.types)

    def as_dict(self) -> dict[str, object]:
        """Return the record as a dictionary, with the names of the API."""
        totals = {"products": self.products, "spectra": self.spectra, "pixels": self.pixels}
        types = [each.as_dict() for each in self.types]
        layouts = [asdict(each) for each in self.layouts]
        return {"version": self.version, **totals, "productTypes": types, "layouts": layouts}


@dataclass(frozen=True)
class LakeInfo:
    """The address of a lake, its versions, its contents and its size on disk."""

    address: str
    """Path or URI of the lake."""
    oldest_version: int
    holdings: Holdings
    files: LakeFiles

    def type_rows(self) -> list[dict[str, object]]:
        """Return one row per product type, with its contents and files."""
        return [
            each.as_dict() | asdict(self.files.types[each.product_type])
            for each in self.holdings.types
        ]

    def as_dict(self) -> dict[str, object]:
        """Return the record as a dictionary, with the names of the command line's JSON."""
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
