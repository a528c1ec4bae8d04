"""Many products at once: one answer for each, in the order asked."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import overload

from spectraldb.client.product import ProductData
from spectraldb.client.progress import Progress
from spectraldb.errors import FileChangedError, FileGoneError, NotHeldError, SpectralDBError

AT_ONCE = 4
"""How many are asked for at the same time."""

MISSING = (NotHeldError, FileGoneError, FileChangedError)
"""What makes a product missing; any other error ends the whole."""


@dataclass(frozen=True)
class Missing:
    """A product that could not be retrieved; it counts as false."""

    name: str
    """URI or file name, as it was asked for."""
    error: SpectralDBError

    def __bool__(self) -> bool:
        return False


class Retrieved(Sequence[ProductData | Missing]):
    """What was retrieved, in the order asked: a product, or a `Missing` that says why."""

    def __init__(self, answers: Sequence[ProductData | Missing]) -> None:
        self._answers = tuple(answers)

    @property
    def found(self) -> list[ProductData]:
        """The products that there are, in the order asked."""
        return [each for each in self._answers if isinstance(each, ProductData)]

    @property
    def missing(self) -> list[str]:
        """The names that there is nothing for, each once."""
        return list(dict.fromkeys(m.name for m in self._answers if isinstance(m, Missing)))

    @overload
    def __getitem__(self, index: int) -> ProductData | Missing: ...
    @overload
    def __getitem__(self, index: slice) -> "Retrieved": ...
    def __getitem__(self, index: int | slice) -> "ProductData | Missing | Retrieved":
        """Return the answer to one name, or to some."""
        if isinstance(index, slice):
            return Retrieved(self._answers[index])
        return self._answers[index]

    def __len__(self) -> int:
        return len(self._answers)

    def __repr__(self) -> str:
        missing = f"; missing: {', '.join(self.missing)}" if self.missing else ""
        return f"<Retrieved: {len(self.found)} of {len(self)}{missing}>"


def retrieve_many(
    names: Sequence[str], retrieve: Callable[[str], ProductData], progress: Progress
) -> Retrieved:
    """Return what each name stands for; a name that comes twice is asked for once."""
    different = list(dict.fromkeys(names))
    with (
        ThreadPoolExecutor(AT_ONCE) as pool,
        progress.things("products", len(different)) as advance,
    ):

        def answers() -> Iterator[tuple[str, ProductData | Missing]]:
            for name, answer in zip(different, pool.map(one, different), strict=True):
                advance(1)
                yield name, answer

        def one(name: str) -> ProductData | Missing:
            try:
                return retrieve(name)
            except MISSING as error:
                return Missing(name, error)

        try:
            found = dict(answers())
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return Retrieved([found[name] for name in names])
