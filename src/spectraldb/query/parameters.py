"""The parameters of a request: those with a name of their own, and the conditions among them."""

from collections.abc import Collection, Iterable

from spectraldb.errors import BadQueryError

_TRUE, _FALSE = ("true", "1"), ("false", "0")


class Parameters:
    """Names and texts as a request has them.

    Parameters
    ----------
    pairs
        Names and values, decoded, in any order; a name may be repeated.
    known
        The names that are no conditions.
    """

    def __init__(self, pairs: Iterable[tuple[str, str]], known: Collection[str]) -> None:
        self._texts: dict[str, list[str]] = {name: [] for name in known}
        self.others: list[tuple[str, str]] = []
        """All other names, with their values."""
        for name, text in pairs:
            if name in self._texts:
                self._texts[name].append(text)
            else:
                self.others.append((name, text))

    def has(self, name: str) -> bool:
        """Return whether a parameter is present."""
        return bool(self._texts[name])

    def texts(self, name: str) -> list[str]:
        """Return all values of a parameter, in the order of the request."""
        return self._texts[name]

    def single(self, name: str) -> str:
        """Return the value of a parameter that is present.

        Raises
        ------
        BadQueryError
            If it is repeated.
        """
        texts = self._texts[name]
        if len(texts) > 1:
            raise BadQueryError(f"{name}: given {len(texts)} times; give it once")
        return texts[0].strip()

    def boolean(self, name: str) -> bool:
        """Return whether a parameter is true, and false where it is absent; raises as `single`.

        Raises
        ------
        BadQueryError
            If it is neither true nor false.
        """
        if not self.has(name):
            return False
        text = self.single(name).lower()
        if text not in _TRUE + _FALSE:
            raise BadQueryError(f"{name}: {text!r} is neither True nor False")
        return text in _TRUE

    def integer(self, name: str) -> int:
        """Return a parameter that is a whole number and not negative; raises as `single`.

        Raises
        ------
        BadQueryError
            If it is not, or does not fit into 64 bits.
        """
        text = self.single(name)
        try:
            number = int(text)
        except ValueError:
            raise BadQueryError(f"{name}: {text!r} is not a whole number") from None
        if not 0 <= number < 2**63:
            raise BadQueryError(f"{name}: {number} is out of range")
        return number
