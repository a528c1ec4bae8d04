"""The product rows of one version of the lake, found by URI or by file name.

A retrieval looks one product up; asking an engine for it would take longer than reading the
product's pixels.
"""

from functools import cached_property
from typing import Any

import pyarrow as pa

Row = dict[str, Any]


class Catalogue:
    """The rows of DataProduct.

    Parameters
    ----------
    rows
        All rows, in the order of ingest.
    """

    def __init__(self, rows: pa.Table) -> None:
        self._rows = rows

    def all(self) -> list[Row]:
        """Return every row."""
        return list(self._rows.to_pylist())

    def units(self, name: str) -> list[str]:
        """Return the units that a column of units holds."""
        return sorted(unit for unit in self._rows[name].unique().to_pylist() if unit)

    def by_uri(self, uri: str) -> Row | None:
        """Return the product of a URI."""
        index = self._uris.get(uri)
        return None if index is None else self._row(index)

    def by_file_name(self, file_name: str) -> list[Row]:
        """Return the products of a file name; one's own files often share one."""
        return [self._row(index) for index in self._file_names.get(file_name, ())]

    def _row(self, index: int) -> Row:
        return dict(self._rows.slice(index, 1).to_pylist()[0])

    @cached_property
    def _uris(self) -> dict[str, int]:
        return {uri: i for i, uri in enumerate(self._rows["uri"].to_pylist())}

    @cached_property
    def _file_names(self) -> dict[str, list[int]]:
        names: dict[str, list[int]] = {}
        for i, name in enumerate(self._rows["fileName"].to_pylist()):
            names.setdefault(name, []).append(i)
            if name.endswith(".gz"):
                names.setdefault(name.removesuffix(".gz"), []).append(i)
        return names
