"""Searches, which return a page of results, a stream of all results, a count or the SQL."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pyarrow as pa

from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.counted import counted
from spectraldb.engines.base import Engine, Output, PixelPlan, SearchContext
from spectraldb.engines.duckdb import BATCH_ROWS
from spectraldb.query.excluded import area_note, excluded_note
from spectraldb.query.hints import empty_hint
from spectraldb.query.model import PixelQuery, ProductQuery, Query
from spectraldb.query.sql.pixels import CompiledQuery, compile_pixels, compile_size
from spectraldb.query.sql.products import compile_products
from spectraldb.query.sql.statement import Statement
from spectraldb.results import CountResult, SearchPage, SqlResult, TableStream, join_sentences
from spectraldb.schema.columns import UNIT_COLUMNS
from spectraldb.service.lake_reader import LakeReader
from spectraldb.service.pages import first_rows, make_page, merge_rows
from spectraldb.service.streams import ResultPart, ResultStream
from spectraldb.service.unit_counts import unit_counts

PART_PIXELS = 2_000_000
"""Number of stored pixels that one part of a long result covers."""


@dataclass(frozen=True)
class UnitNotes:
    """What a search does to products because of the units of conditions; empty if nothing."""

    excluded: str
    area: str
    """Pixel areas by which values were converted."""


class Search:
    """Searches a lake.

    The class is thread-safe, because it has no mutable state.  All methods raise LakeError,
    LimitError, StoppedError, and NotHeldError if the lake does not have the requested version.

    Parameters
    ----------
    reader
        Reads the versions of the lake.
    engine
        Runs the searches.
    """

    def __init__(self, reader: LakeReader, engine: Engine) -> None:
        self._reader = reader
        self._engine = engine

    def page(self, query: PixelQuery, cancel: Cancellation) -> SearchPage:
        """Return one page of matching pixels."""
        context = self._context(query, cancel)
        plan = PixelPlan(query, context.units)
        rows = first_rows(self._engine.search(plan, context), query.limit)
        merged = merge_rows(rows, plan.compiled, query.limit)
        version, notes = context.snapshot.version, self._unit_notes(query, context)
        page = make_page(query, plan.compiled, merged, version, notes.excluded)
        return page.with_hint(notes.area).with_hint("" if len(merged) else empty_hint(query))

    def stream(self, query: PixelQuery, cancel: Cancellation) -> TableStream:
        """Return all matching pixels as a stream of Arrow batches.

        In the default order, the products are read in parts. This bounds the use of memory, and a
        result that the consumer abandons is not computed to its end.
        """
        context = self._context(query, cancel)
        queries = _parts(query, context) if query.in_default_order else [query]
        compiled = compile_pixels(queries[0], context.units)
        stream = ResultStream(
            lambda: (self._pixel_part(each, context) for each in queries), query.limit
        )
        return TableStream(
            sql=compiled.statement.text,
            columns=compiled.columns,
            version=context.snapshot.version,
            units=_common_units(query, context),
            batches=stream.batches,
            measure=stream.measure,
            excluded=self._unit_notes(query, context).excluded,
        )

    def count(self, query: PixelQuery, cancel: Cancellation) -> CountResult:
        """Count the matching pixels and their products."""
        context = self._context(query, cancel)
        plan = PixelPlan(query, context.units, Output.COUNT)
        counts = [part.rows.to_pylist()[0] for part in self._engine.search(plan, context)]
        pixels = sum(count["pixels"] for count in counts)
        products = sum(count["products"] for count in counts)
        verb = "matches" if pixels == 1 else "match"
        message = f"{counted(pixels, 'pixel')} of {counted(products, 'product')} {verb}."
        version, notes = context.snapshot.version, self._unit_notes(query, context)
        hint = "" if pixels else empty_hint(query)
        message = join_sentences(message, notes.area, hint, notes.excluded)
        return CountResult(
            lambda: plan.statement.text, pixels, products, version, message, notes.excluded
        )

    def sql(self, query: PixelQuery) -> SqlResult:
        """Return the SQL of a search without running it."""
        context = self._context(query, NEVER)
        text = compile_pixels(query, context.units).statement.text
        notes = self._unit_notes(query, context)
        message = "Not run. A search would execute this SQL."
        message = join_sentences(message, notes.area, notes.excluded)
        return SqlResult(text, context.snapshot.version, message, notes.excluded)

    def product_page(self, query: ProductQuery, cancel: Cancellation) -> SearchPage:
        """Return one page of matching products."""
        context = self._context(query, cancel)
        compiled = compile_products(query, context.units)
        rows = self._engine.products(compiled.statement, query.product_types, context)
        notes = self._unit_notes(query, context)
        page = make_page(query, compiled, rows, context.snapshot.version, notes.excluded)
        page = page.with_hint(notes.area)
        hint = "" if context.snapshot.products else "The lake is empty."
        return page.with_hint(hint if len(rows) else join_sentences(hint, empty_hint(query)))

    def product_stream(self, query: ProductQuery, cancel: Cancellation) -> TableStream:
        """Return all matching products as a stream."""
        context = self._context(query, cancel)
        compiled = compile_products(query, context.units)
        part = self._product_part(query, compiled, context)
        stream = ResultStream(lambda: iter([part]), query.limit)
        return TableStream(
            sql=compiled.statement.text,
            columns=compiled.columns,
            version=context.snapshot.version,
            units={},
            batches=stream.batches,
            measure=stream.measure,
            name="PRODUCTS",
            excluded=self._unit_notes(query, context).excluded,
        )

    def _unit_notes(self, query: Query, context: SearchContext) -> UnitNotes:
        """Return the notes on the units of the products that the query searches."""
        conditions = [condition for condition in query.conditions if condition.unit]
        names = {condition.column.unit_from for condition in conditions}
        counts = {name: unit_counts(context.catalogue.table, query, name) for name in names}
        return UnitNotes(excluded_note(conditions, counts), area_note(conditions, counts))

    def _context(self, query: Query, cancel: Cancellation) -> SearchContext:
        snapshot = self._reader.lake.snapshot(query.version)
        catalogue = self._reader.catalogue(snapshot)
        needs_units = any(condition.unit for condition in query.conditions)
        columns = set(UNIT_COLUMNS.values()) if needs_units else ()
        units = {name: catalogue.units(name, query.product_types) for name in columns}
        return SearchContext(snapshot, catalogue, units, cancel)

    def _pixel_part(self, query: PixelQuery, context: SearchContext) -> ResultPart:
        plan = PixelPlan(query, context.units, with_keys=False)
        size = replace(plan, output=Output.SIZE)
        return ResultPart(
            plan.compiled.columns,
            lambda: self._engine.stream(plan, context),
            lambda: self._engine.stream(size, context),
        )

    def _product_part(
        self, query: ProductQuery, compiled: CompiledQuery, context: SearchContext
    ) -> ResultPart:
        def run(statement: Statement) -> Iterator[pa.RecordBatch]:
            rows = self._engine.products(statement, query.product_types, context)
            yield from rows.to_batches(BATCH_ROWS)

        return ResultPart(
            compiled.columns,
            lambda: run(compiled.statement.select_only(list(compiled.columns))),
            lambda: run(compile_size(compiled)),
        )


def _parts(query: PixelQuery, context: SearchContext) -> list[PixelQuery]:
    """Split a query into consecutive ranges of products."""
    ranges = context.catalogue.id_ranges(query.product_types, PART_PIXELS)
    return [replace(query, id_range=each) for each in ranges] or [query]


def _common_units(query: PixelQuery, context: SearchContext) -> dict[str, str]:
    """Return the units that are the same in all products of the searched types."""
    columns = set(UNIT_COLUMNS.values())
    units = {name: context.catalogue.units(name, query.product_types) for name in columns}
    return {name: units[u][0] for name, u in UNIT_COLUMNS.items() if len(units[u]) == 1}
