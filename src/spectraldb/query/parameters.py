"""The parameters of a request, with conditions separated from the other parameters."""

from collections.abc import Collection, Iterable

from spectraldb.errors import BadQueryError
from spectraldb.query.values import read_boolean


class Parameters:
    """Names and values of a request, as text.

    Parameters
    ----------
    pairs
        Decoded names and values, in any order; names can be repeated.
    known
        Names of the parameters that are not conditions.
    """

    def __init__(self, pairs: Iterable[tuple[str, str]], known: Collection[str]) -> None:
        self._texts: dict[str, list[str]] = {name: [] for name in known}
        self.others: list[tuple[str, str]] = []
        """All other parameters, as names and values."""
        for name, text in pairs:
            if name in self._texts:
                self._texts[name].append(text)
            else:
                self.others.append((name, text))

    def has(self, name: str) -> bool:
        """Return whether a parameter is present."""
        return bool(self._texts[name])

    def texts(self, name: str) -> list[str]:
        """Return all values of a parameter in the order of the request; empty if absent."""
        return self._texts[name]

    def single(self, name: str) -> str:
        """Return the value of a parameter, which must be present.

        Raises
        ------
        BadQueryError
            If the parameter is repeated.
        """
        texts = self._texts[name]
        if len(texts) > 1:
            raise BadQueryError(f"{name}: Specified {len(texts)} times. Specify it once.")
        return texts[0].strip()

    def boolean(self, name: str) -> bool:
        """Return the value of a boolean parameter; False if it is absent.

        Raises
        ------
        BadQueryError
            If the parameter is repeated, or is neither true nor false.
        """
        return self.has(name) and read_boolean(name, self.single(name))

    def integer(self, name: str) -> int:
        """Return the value of a parameter that is a non-negative whole number.

        Raises
        ------
        BadQueryError
            If the parameter is repeated, is not a whole number, is negative, or exceeds a signed
            64-bit integer.
        """
        text = self.single(name)
        try:
            number = int(text)
        except ValueError:
            raise BadQueryError(f"{name}: {text!r} is not a whole number.") from None
        if not 0 <= number < 2**63:
            raise BadQueryError(f"{name}: {number} is out of range.")
        return number
