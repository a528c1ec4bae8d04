"""Retrieval of many products: one result per name, in the order of the names."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import overload

from spectraldb.client.product import ProductData
from spectraldb.client.progress import Progress
from spectraldb.errors import FileChangedError, FileGoneError, NotHeldError, SpectralDBError

THREADS = 4
"""Number of products that are retrieved concurrently."""

MISSING_ERRORS = (NotHeldError, FileGoneError, FileChangedError)
"""Errors that make one product missing; any other error ends the retrieval of all products."""


@dataclass(frozen=True)
class Missing:
    """A product that could not be retrieved, with the reason; false as a boolean."""

    name: str
    """URI or file name in the request."""
    error: SpectralDBError

    def __bool__(self) -> bool:
        return False


class Retrieved(Sequence[ProductData | Missing]):
    """Results in the order of the names: a product, or a `Missing` with the reason."""

    def __init__(self, results: Sequence[ProductData | Missing]) -> None:
        self._results = tuple(results)

    @property
    def found(self) -> list[ProductData]:
        """The retrieved products, in the order of the names."""
        return [answer for answer in self._results if isinstance(answer, ProductData)]

    @property
    def missing(self) -> list[str]:
        """The distinct names of the missing products."""
        return list(dict.fromkeys(m.name for m in self._results if isinstance(m, Missing)))

    @overload
    def __getitem__(self, index: int) -> ProductData | Missing: ...
    @overload
    def __getitem__(self, index: slice) -> "Retrieved": ...
    def __getitem__(self, index: int | slice) -> "ProductData | Missing | Retrieved":
        """Return the result for one name, or the results for a slice of the names."""
        if isinstance(index, slice):
            return Retrieved(self._results[index])
        return self._results[index]

    def __len__(self) -> int:
        return len(self._results)

    def __repr__(self) -> str:
        missing = f"; missing: {', '.join(self.missing)}" if self.missing else ""
        return f"<Retrieved: {len(self.found)} of {len(self)}{missing}>"


def retrieve_many(
    names: Sequence[str], retrieve: Callable[[str], ProductData], progress: Progress
) -> Retrieved:
    """Return the result for each name; retrieve repeated names only once.

    Parameters
    ----------
    names
        URIs or file names.
    retrieve
        Function that returns one product; it is called in several threads.
    progress
        Shows the number of products.
    """
    distinct = list(dict.fromkeys(names))
    with (
        ThreadPoolExecutor(THREADS) as pool,
        progress.items("Products", len(distinct)) as advance,
    ):

        def results() -> Iterator[tuple[str, ProductData | Missing]]:
            for name, answer in zip(distinct, pool.map(retrieve_one, distinct), strict=True):
                advance(1)
                yield name, answer

        def retrieve_one(name: str) -> ProductData | Missing:
            try:
                return retrieve(name)
            except MISSING_ERRORS as error:
                return Missing(name, error)

        try:
            by_name = dict(results())
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return Retrieved([by_name[name] for name in names])
