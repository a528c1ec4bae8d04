"""The protocol of engines, which run a plan on a version of the lake."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from typing import Protocol

import pyarrow as pa

from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.lake.catalogue import Catalogue
from spectraldb.lake.snapshot import Snapshot
from spectraldb.query.model import PixelQuery
from spectraldb.query.pruning import Pruning, pruning_of
from spectraldb.query.sql.expressions import Units
from spectraldb.query.sql.pixels import (
    CompiledQuery,
    compile_count,
    compile_pixels,
    compile_size,
)
from spectraldb.query.sql.statement import Statement


class Output(Enum):
    """What a plan returns."""

    ROWS = auto()
    """Pixels, or products if the query groups them."""
    COUNT = auto()
    """One row: the number of pixels and of products; see `compile_count`."""
    SIZE = auto()
    """One row: the number of rows, and the size of their texts; see `compile_size`."""


@dataclass(frozen=True)
class PixelPlan:
    """A search for pixels, and what to return."""

    query: PixelQuery
    units: Units
    """Units of the products of the searched types, if the query needs them."""
    output: Output = Output.ROWS
    with_keys: bool = True
    """Whether the rows have the sort keys as their last columns."""

    @cached_property
    def compiled(self) -> CompiledQuery:
        """The columns of the rows, and their SQL with the sort keys."""
        return compile_pixels(self.query, self.units)

    @cached_property
    def statement(self) -> Statement:
        """SQL over the three tables, for engines that run SQL."""
        if self.output is Output.COUNT:
            return compile_count(self.query, self.units)
        if self.output is Output.SIZE:
            return compile_size(self.compiled)
        statement = self.compiled.statement
        return statement if self.with_keys else statement.select_only(list(self.compiled.columns))

    @cached_property
    def pruning(self) -> Pruning:
        """The products and spectra to read."""
        return pruning_of(self.query, self.units)


@dataclass(frozen=True)
class SearchContext:
    """The input of a search: a version of the lake, its products and their units."""

    snapshot: Snapshot
    catalogue: Catalogue
    units: Units
    """Units of the products of the searched types, if the query needs them."""
    cancel: Cancellation = NEVER


@dataclass(frozen=True)
class UnorderedPart:
    """A part of a result whose rows can be anywhere in the order of the result."""

    rows: pa.Table


@dataclass(frozen=True)
class OrderedPart:
    """A part of a result whose rows follow the rows of all earlier ordered parts.

    It can have more rows than the limit of the plan.
    """

    rows: pa.Table


Part = UnorderedPart | OrderedPart


class Engine(Protocol):
    """Runs plans.

    Engines are thread-safe, and calls are independent of each other.  Methods raise LakeError,
    LimitError and StoppedError.
    """

    def search(self, plan: PixelPlan, context: SearchContext) -> Iterator[Part]:
        """Yield a result in parts.

        Each part is the result of the SQL on a part of the lake.  All pixels of a product are in
        the same part, so aggregates over products can be concatenated.  Unordered parts come first.
        Only plans in the default order have ordered parts; the caller can stop when it has enough
        of their rows.
        """

    def stream(self, plan: PixelPlan, context: SearchContext) -> Iterator[pa.RecordBatch]:
        """Yield a result in batches; closing the iterator stops the query."""

    def products(
        self, statement: Statement, product_types: frozenset[str], context: SearchContext
    ) -> pa.Table:
        """Return the result of SQL over products and spectra."""

    def warm(self, snapshot: Snapshot) -> None:
        """Load the files that searches of a version read; raises LakeError."""

    def check(self) -> None:
        """Raise LakeError if the engine cannot run queries at the moment."""

    def close(self) -> None:
        """Release all resources of the engine."""
