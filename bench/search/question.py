"""The searches, as parameters for Spectral DB and as SQL for the rivals."""

from dataclasses import dataclass
from urllib.parse import urlencode

from bench.biglake.build import Plan, made_up
from spectraldb.service.service import Service

SEARCH = "/spectra/api/v0.1/search"
LIMIT = 1000
"""Number of results of a search without `limit`."""

Pairs = tuple[tuple[str, str], ...]

_FROM = """
from pixels s
join spectra c on c.productId = s.productId and c.spectrum = s.spectrum
join products d on d.productId = s.productId
where"""
_ORDER = "order by s.productId, s.spectrum, s.pixel limit"


@dataclass(frozen=True)
class Question:
    """A search."""

    title: str
    text: str
    """The parameters of the request."""
    sql: str
    counts: bool = False
    """Whether the search returns a count instead of rows."""

    @property
    def pairs(self) -> Pairs:
        """The parameters as pairs of name and value."""
        return tuple(pairs(self.text))

    @property
    def label(self) -> str:
        """Title for the middle of a sentence, as in `search a (window)`."""
        letter, _, name = self.title.partition(": ")
        return f"search {letter} ({name})"

    @property
    def target(self) -> str:
        """Path and query of the request."""
        path = f"{SEARCH}/count" if self.counts else SEARCH
        return f"{path}?{urlencode(self.pairs)}"


def pairs(text: str) -> list[tuple[str, str]]:
    """Split the query of a URL into pairs of name and value."""
    parts = (word.partition("=") for word in text.split("&"))
    return [(name, value) for name, _, value in parts]


def questions(service: Service, plan: Plan) -> list[Question]:
    """Return the searches for a lake of extracted spectra."""
    return [window(), _bright(service), _product(plan), _wide()]


def window() -> Question:
    """Return the search for bright pixels in a window of wavelength."""
    return Question(
        title="a: window",
        text="wavelength=1.2,1.3&flux.gte=10&derSnr.gt=5",
        sql=f"select d.fileName, s.x, s.wavelength, s.flux, c.derSnr {_FROM} "
        f"s.wavelength between 1.2 and 1.3 and s.flux >= 10 and c.derSnr > 5 {_ORDER} {LIMIT}",
    )


def _bright(service: Service) -> Question:
    """Return a search at all wavelengths whose result fills one page."""
    good = "derSnr.gt=50"
    brightest = service.search(pairs(f"{good}&sort_by=-flux&columns=flux&limit={LIMIT}")).rows
    flux = f"{brightest['flux'][-1].as_py():.6g}"
    return Question(
        title="b: no window",
        text=f"flux.gte={flux}&{good}",
        sql=f"select d.fileName, s.x, s.wavelength, s.flux, c.derSnr {_FROM} "
        f"s.flux >= {flux} and c.derSnr > 50 {_ORDER} {LIMIT}",
    )


def _product(plan: Plan) -> Question:
    name = made_up(plan, plan.products // 2).file_name
    return Question(
        title="c: one product",
        text=f"fileName={name}&columns=flux&limit={2 * LIMIT}",
        sql=f"select d.fileName, s.x, s.wavelength, s.flux {_FROM} "
        f"d.fileName = '{name}' {_ORDER} {2 * LIMIT}",
    )


def _wide() -> Question:
    return Question(
        title="d: count",
        text="wavelength=1,2&derSnr.gt=20",
        sql=f"select count(*), count(distinct s.productId) {_FROM} "
        "s.wavelength between 1 and 2 and c.derSnr > 20",
        counts=True,
    )
