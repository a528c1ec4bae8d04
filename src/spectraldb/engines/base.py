"""What an engine is: it runs a plan on a version of a lake."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.lake.catalogue import Catalogue
from spectraldb.lake.snapshot import Snapshot
from spectraldb.query.pruning import Pruning
from spectraldb.query.sql.expressions import Units
from spectraldb.query.sql.statement import Statement


@dataclass(frozen=True)
class PixelPlan:
    """A search for pixels, compiled once."""

    statement: Statement
    """SQL over the three tables."""
    pruning: Pruning
    """Which products and spectra it has to read."""
    in_default_order: bool = False
    """Whether its rows are pixels in the default order, so that the first rows may be enough."""
    limit: int | None = None
    """How many rows are needed at most; None for all."""


@dataclass(frozen=True)
class SearchContext:
    """What a search runs on: a version of the lake, its products and their units."""

    snapshot: Snapshot
    catalogue: Catalogue
    units: Units
    """The units that products have, where the query needs them."""
    cancel: Cancellation = NEVER


@dataclass(frozen=True)
class UnorderedPart:
    """A part of a result whose rows may belong anywhere among those of the other parts."""

    rows: pa.Table


@dataclass(frozen=True)
class OrderedPart:
    """A part of a result whose rows come after those of every ordered part before it.

    It may have more rows than the limit of its plan.
    """

    rows: pa.Table


Part = UnorderedPart | OrderedPart


class Engine(Protocol):
    """Runs plans.  Threads share an engine: each call runs by itself.

    Methods raise LakeError, LimitError and StoppedError.
    """

    def search(self, plan: PixelPlan, context: SearchContext) -> Iterator[Part]:
        """Yield a result in parts: together they are the result.

        Each part is the result of the SQL on a part of the lake.  All pixels of a product are in
        one part, so that what is computed for each product can be concatenated.  Unordered parts
        come first.  Ordered parts come only with plans in the default order: a caller that has
        enough of their rows may stop.
        """

    def stream(self, plan: PixelPlan, context: SearchContext) -> Iterator[pa.RecordBatch]:
        """Yield a result in batches; closing the iterator ends the query."""

    def products(
        self, statement: Statement, product_types: frozenset[str], context: SearchContext
    ) -> pa.Table:
        """Return the result of SQL over products and spectra."""

    def warm(self, snapshot: Snapshot) -> None:
        """Load what searches of a version read; raises LakeError."""

    def check(self) -> None:
        """Raise LakeError if it cannot run queries now."""

    def close(self) -> None:
        """Release what the engine holds."""
