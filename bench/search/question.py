"""The searches, as parameters for Spectral DB and as SQL for the rivals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
_SNR = "s.flux / nullif(s.fluxErr, 0)"
_COUNT = f"select count(*), count(distinct s.productId) {_FROM}"


@dataclass(frozen=True)
class Question:
    """A search."""

    title: str
    text: str
    """The parameters of the request."""
    sql: str
    counts: bool = False
    """Whether the search returns a count instead of rows."""
    rewritten: Mapping[str, str] = field(default_factory=dict, compare=False)
    """SQL that a rival answers faster, by the name of the rival."""

    @property
    def letter(self) -> str:
        """Letter of the search."""
        return self.title[0]

    @property
    def pairs(self) -> Pairs:
        """The parameters as pairs of name and value."""
        return tuple(pairs(self.text))

    @property
    def target(self) -> str:
        """Path and query of the request."""
        path = f"{SEARCH}/count" if self.counts else SEARCH
        return f"{path}?{urlencode(self.pairs)}"

    def sql_for(self, rival: str) -> str:
        """Return the SQL for a rival."""
        return self.rewritten.get(rival, self.sql)


def pairs(text: str) -> list[tuple[str, str]]:
    """Split the query of a URL into pairs of name and value."""
    parts = (word.partition("=") for word in text.split("&"))
    return [(name, value) for name, _, value in parts]


def questions(service: Service, plan: Plan) -> list[Question]:
    """Return the searches for a lake."""
    if plan.kind == "s3d":
        return _of_cubes()
    return [window(), _bright(service), _product(plan), *_of_spectra()]


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
    select = f"select d.fileName, s.x, s.wavelength, s.flux {_FROM} d.fileName = '{name}'"
    order = f"{_ORDER} {2 * LIMIT}"
    # ClickHouse does not derive the numbers of products to read from the join.
    number = f"s.productId in (select productId from products where fileName = '{name}')"
    return Question(
        title="c: one product",
        text=f"fileName={name}&columns=flux&limit={2 * LIMIT}",
        sql=f"{select} {order}",
        rewritten={"ClickHouse": f"{select} and {number} {order}"},
    )


def _of_spectra() -> list[Question]:
    return [
        _count(
            "d: count in a window",
            "wavelength=1,2&derSnr.gt=20",
            "s.wavelength between 1 and 2 and c.derSnr > 20",
        ),
        _count("e: count of bright pixels", "flux.gte=0.01", "s.flux >= 0.01"),
        _count("f: count of all", "wavelength.gt=0", "s.wavelength > 0"),
        Question(
            title="g: brightest good pixels",
            text="sort_by=-flux&limit=100&good=true",
            sql=f"select d.fileName, s.x, s.wavelength, s.good, s.flux {_FROM} "
            "s.good order by s.flux desc, s.productId, s.spectrum, s.pixel limit 100",
        ),
        _group("wavelength=1.2,1.3&flux.gte=0.1", "s.wavelength between 1.2 and 1.3", 0.1),
        Question(
            title="j: S/N in a window",
            text="snr.gt=100&wavelength=3.2,3.4",
            sql=f"select d.fileName, s.x, s.wavelength, {_SNR} as snr {_FROM} "
            f"{_SNR} > 100 and s.wavelength between 3.2 and 3.4 {_ORDER} {LIMIT}",
        ),
        _count("k: count by S/N", "snr.gt=100", f"{_SNR} > 100"),
    ]


def _of_cubes() -> list[Question]:
    cubes, is_cube = "product=s3d", "d.productType = 's3d'"
    return [
        _count(
            "d: count in a window",
            f"{cubes}&wavelength=5,7&derSnr.gt=20",
            f"{is_cube} and s.wavelength between 5 and 7 and c.derSnr > 20",
        ),
        _count(
            "e: count of bright pixels", f"{cubes}&flux.gte=100", f"{is_cube} and s.flux >= 100"
        ),
        _count("f: count of all", f"{cubes}&wavelength.gt=0", f"{is_cube} and s.wavelength > 0"),
        Question(
            title="g: brightest good pixels",
            text=f"{cubes}&sort_by=-flux&limit=100&good=true",
            sql="select d.fileName, s.x, s.y, s.z, s.wavelength, d.productType, s.good, s.flux "
            f"{_FROM} {is_cube} and s.good "
            "order by s.flux desc, s.productId, s.spectrum, s.pixel limit 100",
        ),
        _group(
            "wavelength=5.2,5.3&flux.gte=100&product=s3d",
            f"{is_cube} and s.wavelength between 5.2 and 5.3",
            100,
        ),
        Question(
            title="j: S/N in a window",
            text=f"{cubes}&snr.gt=30&wavelength=7.0,7.1",
            sql=f"select d.fileName, s.x, s.y, s.z, s.wavelength, d.productType, {_SNR} as snr "
            f"{_FROM} {is_cube} and {_SNR} > 30 and s.wavelength between 7.0 and 7.1 "
            f"{_ORDER} {LIMIT}",
        ),
        _count("k: count by S/N", f"{cubes}&snr.gt=30", f"{is_cube} and {_SNR} > 30"),
    ]


def _count(title: str, text: str, where: str) -> Question:
    return Question(title, text, f"{_COUNT} {where}", counts=True)


def _group(text: str, where: str, flux: float) -> Question:
    """Return a search for the products that have pixels of at least a flux."""
    product_type = ", d.productType" if "productType" in where else ""
    return Question(
        title="h: group by product",
        text=f"{text}&group=True&columns=targetName",
        sql="select d.fileName, d.uri, count(*), min(s.wavelength), max(s.wavelength), "
        f"min(s.flux), max(s.flux){product_type}, d.targetName {_FROM} "
        f"{where} and s.flux >= {flux} "
        f"group by d.productId, d.fileName, d.uri, d.targetName{product_type} "
        f"order by d.productId limit {LIMIT}",
    )
