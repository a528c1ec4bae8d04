"""Reading of the products, spectra and contents of the versions of a lake."""

from dataclasses import replace

import numpy as np
import pyarrow as pa

from spectraldb.counted import numbered_spectra
from spectraldb.engines.duckdb import DuckDBEngine
from spectraldb.errors import BadQueryError, NotHeldError
from spectraldb.lake.catalogue import Catalogue
from spectraldb.lake.lake import Lake
from spectraldb.lake.record import ProductRecord
from spectraldb.lake.snapshot import Snapshot
from spectraldb.products.names import PART
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.tables import Table
from spectraldb.service.records import Holdings, LayoutHoldings, TypeHoldings


class LakeReader:
    """Reads the tables of products and spectra of a lake.

    The class is thread-safe: the catalogue of the last version is replaced atomically. If two
    threads read a new version at the same time, one of their equal catalogues is kept.

    Parameters
    ----------
    lake
        The lake.
    duckdb
        Runs SQL on the tables of the lake.
    """

    def __init__(self, lake: Lake, duckdb: DuckDBEngine) -> None:
        self.lake = lake
        self._duckdb = duckdb
        empty = Catalogue(SCHEMAS[Table.PRODUCT].empty_table())
        self._last: tuple[Snapshot | None, Catalogue] = (None, empty)

    def catalogue(self, snapshot: Snapshot) -> Catalogue:
        """Return the catalogue of a version of the lake.

        After a commit that only added files, only these are read.
        """
        known, catalogue = self._last
        if known is not snapshot:
            catalogue = Catalogue(self._product_rows(snapshot, known, catalogue.table.rows))
            self._last = (snapshot, catalogue)
        return catalogue

    def _product_rows(
        self, snapshot: Snapshot, known: Snapshot | None, known_rows: pa.Table
    ) -> pa.Table:
        """Return the rows of DataProduct, sorted by productId.

        Parameters
        ----------
        snapshot
            The version of the lake.
        known, known_rows
            Another version, and its rows.
        """
        added = snapshot.products
        parts = []
        if known is not None and known.generation == snapshot.generation:
            is_known = set(known.products)
            if is_known <= set(snapshot.products):
                added = tuple(file for file in snapshot.products if file not in is_known)
                parts.append(known_rows)
        if added or not parts:
            sql = f"select * from {Table.PRODUCT.value}"  # noqa: S608 - a table
            parts.append(self._duckdb.fetch(sql, replace(snapshot, products=added)))
        rows = pa.concat_tables(parts)
        ids = rows["productId"].to_numpy()
        return rows if np.all(ids[1:] > ids[:-1]) else rows.take(pa.array(np.argsort(ids)))

    def products(self) -> list[ProductRecord]:
        """Return the products of the newest version, in the order of ingest."""
        return self.catalogue(self.lake.snapshot()).all()

    def find(self, uri: str | None, file_name: str | None) -> ProductRecord:
        """Return a product of the newest version, by either its URI or its file name.

        Raises
        ------
        BadQueryError
            If neither or both are specified, or several products have the file name.
        NotHeldError
            If the product is not in the lake.
        """
        if bool(uri) == bool(file_name):
            raise BadQueryError(
                "Specify a product by its URI (uri=mast:JWST/product/...) or "
                "its file name (filename=...), but not both."
            )
        catalogue = self.catalogue(self.lake.snapshot())
        record = catalogue.by_uri(uri) if uri else None
        records = catalogue.by_file_name(file_name) if file_name else [record] if record else []
        if not records:
            raise _not_held(catalogue, uri or file_name or "")
        main = [record for record in records if PART not in record.uri]
        records = main if len(main) == 1 else records
        if len(records) > 1:
            uris = ", ".join(record.uri for record in records)
            raise BadQueryError(
                f"Several products have the file name {file_name}. Specify one by its URI: {uris}"
            )
        return records[0]

    def spectra(self, record: ProductRecord, spectrum: int | None) -> pa.Table:
        """Return the rows of SpectralCharacteristics for a product, or for one of its spectra.

        Raises
        ------
        NotHeldError
            If the product has no such spectrum.
        """
        where = "" if spectrum is None else "and spectrum = $spectrum"
        sql = (
            f"select * from {Table.SPECTRUM.value} where productId = $id {where} "  # noqa: S608 - a table
            "order by spectrum"
        )
        parameters: dict[str, object] = {"id": record.product_id}
        if spectrum is not None:
            parameters["spectrum"] = spectrum
        types = frozenset({record.product_type})
        rows = self._duckdb.fetch(sql, self.lake.snapshot(), types, parameters)
        if not len(rows):
            raise NotHeldError(
                f"{record.file_name} has no spectrum {spectrum}. "
                f"{numbered_spectra(record.n_spectra)}"
            )
        return rows

    def holdings(self, snapshot: Snapshot) -> Holdings:
        """Return the numbers of products, spectra and pixels in a version."""
        sql = (
            "select productType, count(*) as products, sum(nSpectra)::bigint as spectra, "  # noqa: S608 - a table
            f"sum(nStored)::bigint as pixels from {Table.PRODUCT.value} "
            "group by productType order by productType"
        )
        rows = self._duckdb.fetch(sql, snapshot).to_pylist()
        types = (TypeHoldings(*row.values()) for row in rows)
        sql = (
            f"select layout, level, count(*) as products from {Table.PRODUCT.value} "  # noqa: S608 - a table
            "group by all order by all"
        )
        rows = self._duckdb.fetch(sql, snapshot).to_pylist()
        layouts = (LayoutHoldings(*row.values()) for row in rows)
        return Holdings(snapshot.version, tuple(types), tuple(layouts))


def _not_held(catalogue: Catalogue, name: str) -> NotHeldError:
    near = catalogue.nearest(name)
    hint = (
        f"Did you mean {near}?"
        if near
        else "List the products with `spectraldb products` or `search/products`."
    )
    return NotHeldError(f"No product {name!r} in the lake. {hint}")
