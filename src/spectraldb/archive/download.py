"""Downloads from the archive: retried with back-off, resumed, and verified by size."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import urllib3
from urllib3.exceptions import HTTPError

from spectraldb import __version__
from spectraldb.archive.mast import ArchiveProduct
from spectraldb.cancellation import Cancellation
from spectraldb.counted import counted
from spectraldb.errors import ArchiveError
from spectraldb.products.names import parse_level3

CHUNK_BYTES = 2**20
TIMEOUT_SECONDS = 120.0
RETRIES = 5
BACKOFF_SECONDS = 1.0
"""First pause after a failure.  Each further pause is twice as long, or as the archive
requests."""

ReportBytes = Callable[[int], None]
"""Called with the number of bytes received since the last call."""


class Downloader:
    """Downloads files from the archive.

    Thread-safe, as long as no two threads download the same file.

    Parameters
    ----------
    address
        Address of the archive's server.
    folder
        Folder for the files, with one subfolder per programme.
    token
        Token for products that are not public yet, or an empty string.
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
                backoff_factor=BACKOFF_SECONDS,
                status_forcelist=(429, 500, 502, 503, 504),
                raise_on_status=False,
            ),
        )

    @property
    def has_token(self) -> bool:
        """Whether a token for products that are not public yet is set."""
        return "authorization" in self._headers

    def path(self, product: ArchiveProduct) -> Path:
        """Return the path to which a product is downloaded."""
        name = parse_level3(product.file_name)
        return self.folder / (f"jw{name.program}" if name else "others") / product.file_name

    def download(
        self, product: ArchiveProduct, report: ReportBytes, cancel: Cancellation
    ) -> Path | None:
        """Download a file, and return its path; None if the download was cancelled.

        Data received before an interruption remain in a partial file, and the next download
        resumes from there.

        Raises
        ------
        ArchiveError
            If the archive does not send the file, or only part of it.
        """
        path = self.path(product)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.part")
        try:
            if not self._append(product, partial, report, cancel):
                return None
        except HTTPError as error:
            raise ArchiveError(f"{product.uri}: The archive does not answer: {error}") from error
        size = partial.stat().st_size
        if product.size is not None and size != product.size:
            partial.unlink()
            raise ArchiveError(
                f"{product.uri}: Received {counted(size, 'byte')}, but the archive lists "
                f"{product.size:,}. Fetch the file again."
            )
        partial.replace(path)
        return path

    def _append(
        self, product: ArchiveProduct, partial: Path, report: ReportBytes, cancel: Cancellation
    ) -> bool:
        """Append the missing bytes to a partial file; return False if it was cancelled."""
        start = _resume_offset(product, partial)
        if start and start == product.size:
            return True
        headers = self._headers | ({"range": f"bytes={start}-"} if start else {})
        url = self._url + quote(product.uri, safe=":/")
        response = self._pool.request("GET", url, headers=headers, preload_content=False)
        try:
            _check(response, product)
            resumed = response.status == 206
            report(start if resumed else 0)
            with partial.open("ab" if resumed else "wb") as file:
                # Write received data before waiting for more: an interruption loses nothing.
                while chunk := response.read1(CHUNK_BYTES):
                    file.write(chunk)
                    report(len(chunk))
                    if cancel.requested():
                        return False
        finally:
            response.close()
        return True


def _resume_offset(product: ArchiveProduct, partial: Path) -> int:
    """Return the byte at which to resume; 0 if the partial file cannot be trusted."""
    size = partial.stat().st_size if partial.exists() else 0
    return 0 if product.size is None or size > product.size else size


def _check(response: urllib3.BaseHTTPResponse, product: ArchiveProduct) -> None:
    """Raise ArchiveError if a response is not a file."""
    if response.status in (200, 206):
        return
    if response.status in (401, 403):
        raise ArchiveError(
            f"{product.uri}: The product is not public yet, or the token does not allow access. "
            "Set MAST_API_TOKEN to a token from https://auth.mast.stsci.edu/tokens."
        )
    if response.status == 404:
        raise ArchiveError(f"{product.uri}: The archive does not have this file.")
    raise ArchiveError(
        f"{product.uri}: The archive responded with {response.status} {response.reason}."
    )
