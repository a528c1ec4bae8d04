"""Assembly of a page of results from the parts that an engine returns."""

from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from spectraldb.counted import counted
from spectraldb.engines.base import OrderedPart, Part
from spectraldb.query.model import PageToken, Query
from spectraldb.query.paging import encode_token
from spectraldb.query.sql.pixels import CompiledQuery
from spectraldb.results import SearchPage
from spectraldb.schema.arrow import ARROW_TYPES


def first_rows(parts: Iterable[Part], limit: int | None) -> Iterator[pa.Table]:
    """Yield the rows of parts, until ordered parts have more rows than the limit."""
    n_ordered = 0
    for part in parts:
        yield part.rows
        if isinstance(part, OrderedPart) and limit is not None:
            n_ordered += len(part.rows)
            if n_ordered > limit:
                return


def merge_rows(tables: Iterable[pa.Table], compiled: CompiledQuery, limit: int | None) -> pa.Table:
    """Merge the rows of all parts in the order of the query, up to one more than the limit."""
    parts = [table for table in tables if len(table)]
    if not parts:
        columns = compiled.columns.items()
        schema = pa.schema([(name, ARROW_TYPES[column.dtype]) for name, column in columns])
        return schema.empty_table()
    end = None if limit is None else limit + 1
    if len(parts) == 1:
        return parts[0].slice(0, end)
    table = pa.concat_tables(parts)
    keys = [
        (f"_{i}", "descending" if descending else "ascending")
        for i, descending in enumerate(compiled.descending)
    ]
    order = pc.sort_indices(table, sort_keys=keys)  # nulls come last
    return table.take(order.slice(0, end))


def make_page(
    query: Query, compiled: CompiledQuery, rows: pa.Table, version: int, excluded: str
) -> SearchPage:
    """Return a page of results.

    Parameters
    ----------
    query, compiled
        The search.
    rows
        Rows of the result, with one more than the limit if more results follow.
    version
        The version of the lake.
    excluded
        Sentences on the products that units exclude.
    """
    limit = len(rows) if query.limit is None else query.limit
    truncated = len(rows) > limit
    page = rows.slice(0, limit)
    return SearchPage(
        make_sql=lambda: compiled.statement.text,
        rows=page.select(list(compiled.columns)),
        columns=compiled.columns,
        version=version,
        truncated=truncated,
        after=encode_token(_token(page, compiled, version)) if truncated else None,
        summary=_summary(query, len(page), truncated=truncated),
        excluded=excluded,
    )


def _token(page: pa.Table, compiled: CompiledQuery, version: int) -> PageToken:
    last = page.slice(len(page) - 1).to_pylist()[0]
    return PageToken(version, tuple(last[f"_{i}"] for i in range(len(compiled.descending))))


def _summary(query: Query, n_results: int, *, truncated: bool) -> str:
    count = counted(n_results, query.result_noun)
    if query.after is not None:
        message = f"The next {count}"
    else:
        message = f"The first {count}" if truncated else f"Found {count}"
    return f"{message}; more follow." if truncated else f"{message}."
