"""What is asked, of Spectral DB as parameters and of the others in SQL."""

from dataclasses import dataclass
from urllib.parse import urlencode

from bench.biglake.build import Plan, made_up
from spectraldb.service.service import Service

SEARCH = "/spectra/api/v0.1/search"
LIMIT = 1000
"""Results of a search that names no limit."""

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
    """Whether it asks how many there are, and not which."""

    @property
    def pairs(self) -> Pairs:
        """The parameters in pairs."""
        return tuple(pairs(self.text))

    @property
    def target(self) -> str:
        """What to ask a server for."""
        path = f"{SEARCH}/count" if self.counts else SEARCH
        return f"{path}?{urlencode(self.pairs)}"


def pairs(text: str) -> list[tuple[str, str]]:
    """Return parameters written as in a URL, in pairs."""
    parts = (word.partition("=") for word in text.split("&"))
    return [(name, value) for name, _, value in parts]


def questions(service: Service, plan: Plan) -> list[Question]:
    """Return what is asked of a lake of extracted spectra."""
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
    """Return a search at all wavelengths for as many pixels as a page holds."""
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
