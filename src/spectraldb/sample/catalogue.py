"""The list of sample products."""

from collections.abc import Iterator

from spectraldb.sample.product import Product
from spectraldb.sample.scenes import bots, ifu, lrs, mos, mrs, soss, star, wfss

SCENES = (
    mos.scene,
    ifu.scene,
    mrs.scene,
    lrs.scene,
    wfss.scene,
    soss.scene,
    bots.scene,
    star.scene,
)


def products() -> Iterator[Product]:
    """Yield the products one by one, so that only one scene is in memory."""
    for scene in SCENES:
        yield from scene()
