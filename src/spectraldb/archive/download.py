"""Files of the archive: fetched with pauses after failures, continued, and verified by size."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import urllib3
from urllib3.exceptions import HTTPError

from spectraldb import __version__
from spectraldb.archive.mast import Listed
from spectraldb.cancellation import Cancellation
from spectraldb.errors import ArchiveError
from spectraldb.products.names import parse_level3

CHUNK_BYTES = 2**20
TIMEOUT_SECONDS = 120.0
RETRIES = 5
PAUSE_SECONDS = 1.0
"""The first pause after a failure; the next are twice as long each, or as the archive says."""

Advance = Callable[[int], None]


class Downloads:
    """Fetches files.

    Parameters
    ----------
    address
        Of the archive's server.
    folder
        Where files go, in a folder for each programme.
    token
        For what is not public yet; empty if there is none.
    """

    def __init__(self, address: str, folder: Path, token: str = "") -> None:
        self._url = f"{address.rstrip('/')}/api/v0.1/Download/file?uri="
        self.folder = folder
        self._headers = {"user-agent": f"spectraldb/{__version__}"}
        if token:
            self._headers["authorization"] = f"token {token}"
        self._pool = urllib3.PoolManager(
            maxsize=16,
            timeout=urllib3.Timeout(connect=30, read=TIMEOUT_SECONDS),
            retries=urllib3.Retry(
                RETRIES,
                backoff_factor=PAUSE_SECONDS,
                status_forcelist=(429, 500, 502, 503, 504),
                raise_on_status=False,
            ),
        )

    def path(self, listed: Listed) -> Path:
        """Return where the file of a product goes."""
        name = parse_level3(listed.file_name)
        return self.folder / (f"jw{name.program}" if name else "others") / listed.file_name

    def fetch(self, listed: Listed, advance: Advance, cancel: Cancellation) -> Path | None:
        """Fetch a file, and return where it is; None if it was to stop.

        What has come of a file that was cut off is kept, and the rest is asked for next time.

        Raises
        ------
        ArchiveError
            If the archive does not give it, or not whole.
        """
        path = self.path(listed)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.part")
        try:
            if not self._write(listed, partial, advance, cancel):
                return None
        except HTTPError as error:
            raise ArchiveError(f"{listed.uri}: the archive does not answer: {error}") from error
        size = partial.stat().st_size
        if listed.size is not None and size != listed.size:
            partial.unlink()
            raise ArchiveError(
                f"{listed.uri}: {size:,} bytes came, and the archive lists {listed.size:,}; "
                "fetch it again"
            )
        partial.replace(path)
        return path

    def _write(self, listed: Listed, partial: Path, advance: Advance, cancel: Cancellation) -> bool:
        """Append to a file what it lacks; returns whether it is whole."""
        there = partial.stat().st_size if partial.exists() else 0
        if listed.size is None or there > listed.size:
            there = 0
        if there and there == listed.size:
            return True
        headers = self._headers | ({"range": f"bytes={there}-"} if there else {})
        url = self._url + quote(listed.uri, safe=":/")
        response = self._pool.request("GET", url, headers=headers, preload_content=False)
        try:
            _check(response, listed)
            continued = response.status == 206
            advance(there if continued else 0)
            with partial.open("ab" if continued else "wb") as file:
                # What has come is written before more is waited for: a cut loses nothing of it.
                while piece := response.read1(CHUNK_BYTES):
                    file.write(piece)
                    advance(len(piece))
                    if cancel.requested():
                        return False
        finally:
            response.close()
        return True


def _check(response: urllib3.BaseHTTPResponse, listed: Listed) -> None:
    if response.status in (200, 206):
        return
    if response.status in (401, 403):
        raise ArchiveError(
            f"{listed.uri} is not public yet, or the token does not allow it: set MAST_API_TOKEN "
            "to a token of https://auth.mast.stsci.edu/tokens"
        )
    if response.status == 404:
        raise ArchiveError(f"{listed.uri}: the archive has no such file")
    raise ArchiveError(f"{listed.uri}: the archive answered {response.status} {response.reason}")
