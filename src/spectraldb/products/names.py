"""Level-3 file names and the URIs of products.

The pattern follows the documentation of the file names of the JWST pipeline
(https://jwst-pipeline.readthedocs.io/en/stable/jwst/data_products/file_naming.html), and
includes the variants of older releases.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import PurePosixPath

MAST_PREFIX = "mast:JWST/product/"
LOCAL_PREFIX = "local:"
PART = "#"
"""Separates the type of a further product of a file from the URI of the main one."""

LEVEL3 = re.compile(
    r"jw(?P<program>\d{5})-(?P<observation>o\d{3}|[car]\d{4})"
    # target, target and source, or source
    r"_(?:(?P<target>t\d{3,4})(?:-s(?P<slit>\d{9}))?|(?P<kind>[sbv])(?P<source>\d{9}|\d{5}))"
    r"(?:-epoch(?P<epoch>\d+))?"
    r"_(?P<instrument>nircam|niriss|nirspec|miri|fgs)"
    # optical elements and subarray; in old MRS names they end in "-"
    r"_(?P<optical>[a-z0-9]+(?:-[a-z0-9]+)*)-?"
    r"_(?P<product>x1dints|x1d|c1d|s2d|s3d)"
    r"(?:-[0-9a-z]{2})?\.fits(?:\.gz)?"
)


@dataclass(frozen=True)
class Level3Name:
    """The parts of a level-3 file name that Spectral DB uses."""

    program: str
    observation: str
    product_type: str


def parse_level3(file_name: str) -> Level3Name | None:
    """Return the parts of a level-3 file name, or None for any other name."""
    match = LEVEL3.fullmatch(file_name)
    if not match:
        return None
    return Level3Name(match["program"], match["observation"], match["product"])


def mast_uri(file_name: str) -> str:
    """Return the MAST URI of a product; a gzipped file has the URI of the uncompressed file."""
    return MAST_PREFIX + file_name.removesuffix(".gz")


def local_uri(location: str, attempt: int = 0) -> str:
    """Return a URI for a file without an archive name, unique for each path and attempt.

    The URI contains the name of the folder, to distinguish several ``Level3_x1d.fits``, and a
    digest of the path, so that no two paths share a URI.  It does not reveal the full path.

    Parameters
    ----------
    location
        Absolute path of the file.
    attempt
        Number of URIs that already exist for this path.
    """
    path = PurePosixPath(location)
    identity = location + attempt * "/"  # no path ends in a slash
    digest = hashlib.sha256(identity.encode()).hexdigest()[:12]
    folder = re.sub(r"[^A-Za-z0-9-]+", "-", path.parent.name).strip("-") or "files"
    return f"{LOCAL_PREFIX}{folder}.{digest}/{path.name}"
