"""A fake of the archive, with the endpoints that astroquery and the downloads use.

Its responses have the form that astroquery 0.4.11 reads. See its source, and the documentation of
the archive's API (https://mast.stsci.edu/api/v0/).
"""

import fnmatch
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from astropy.coordinates import SkyCoord
from astropy.io import fits

PREFIX = "mast:JWST/product/"
OBSERVATION = {
    "obsid": "string",
    "obs_id": "string",
    "obs_collection": "string",
    "target_name": "string",
    "instrument_name": "string",
    "proposal_id": "string",
    "calib_level": "int",
    "s_ra": "float",
    "s_dec": "float",
}
PRODUCT = {
    "obsID": "string",
    "dataURI": "string",
    "productFilename": "string",
    "size": "int",
    "prvversion": "string",
    "dataRights": "string",
    "productSubGroupDescription": "string",
    "calib_level": "int",
}


@dataclass
class ArchiveFile:
    """A file of the archive."""

    path: Path
    name: str
    rights: str = "PUBLIC"
    listed_size: int | None = None
    """Size in listings, if it differs from that of the file."""

    @property
    def root(self) -> str:
        return self.name.rsplit("_", 1)[0]

    def observation(self) -> dict[str, Any]:
        header = fits.getheader(self.path)
        return {
            "obsid": f"id-{self.root}",
            "obs_id": self.root,
            "obs_collection": "JWST",
            "target_name": header.get("TARGPROP", ""),
            "instrument_name": f"{header['INSTRUME']}/IFU",
            "proposal_id": str(int(header["PROGRAM"])),
            "calib_level": 3,
            "s_ra": header.get("TARG_RA", 0.0),
            "s_dec": header.get("TARG_DEC", 0.0),
        }

    def product(self) -> dict[str, Any]:
        size = self.listed_size if self.listed_size is not None else self.path.stat().st_size
        return {
            "obsID": f"id-{self.root}",
            "dataURI": PREFIX + self.name,
            "size": size,
            "productFilename": self.name,
            "dataRights": self.rights,
            "calib_level": 3,
            "prvversion": f"CALJWST_{fits.getheader(self.path)['CAL_VER']}",
            "productSubGroupDescription": self.name.rsplit("_", 1)[1].split(".")[0].upper(),
        }


@dataclass
class FakeArchive:
    """Files of the fake archive, and the requested downloads.

    Server threads share it; `lock` guards the counters.
    """

    files: dict[str, ArchiveFile] = field(default_factory=dict)
    """Files by name."""
    address: str = ""
    downloads: list[tuple[str, str]] = field(default_factory=list)
    """Name of the file and Range header of each request."""
    waiting: int = 0
    """Number of downloads whose response has not begun."""
    max_waiting: int = 0
    gate: threading.Barrier | None = None
    """Blocks downloads until this number of them is waiting."""
    failures: list[int] = field(default_factory=list)
    """Statuses to return for the next downloads instead of a file."""
    cut_after: int | None = None
    """Number of bytes after which the connection of the next download breaks."""
    lock: Any = field(default_factory=threading.Lock)

    def add(self, path: Path, name: str = "", **more: Any) -> str:
        """Add a file, and return its URI."""
        file = ArchiveFile(path, name or path.name, **more)
        self.files[file.name] = file
        return PREFIX + file.name

    def invoke(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the response to a query for observations or products."""
        params = request["params"]
        if request["service"] == "Mast.Caom.Products":
            ids = set(params["obsid"].split(","))
            rows = [f.product() for f in self.files.values() if f"id-{f.root}" in ids]
            return _table(PRODUCT, rows, request)
        rows = list({f.root: f.observation() for f in self.files.values()}.values())
        if "position" in params:
            ra, dec, radius = map(float, params["position"].split(","))
            center = SkyCoord(ra, dec, unit="deg")
            rows = [
                row
                for row in rows
                if center.separation(SkyCoord(row["s_ra"], row["s_dec"], unit="deg")).deg <= radius
            ]
        return _table(OBSERVATION, [r for r in rows if _matches(r, params["filters"])], request)


def _matches(row: dict[str, Any], filters: list[dict[str, Any]]) -> bool:
    for each in filters:
        value = str(row[each["paramName"]])
        patterns = [str(v) for v in each["values"]]
        free = each.get("freeText", "").replace("%", "*")
        if value not in patterns and not (free and fnmatch.fnmatchcase(value, free)):
            return False
    return True


def _table(
    fields: dict[str, str], rows: list[dict[str, Any]], request: dict[str, Any]
) -> dict[str, Any]:
    size, page = request["pagesize"], request["page"]
    part = rows[(page - 1) * size : page * size]
    return {
        "status": "COMPLETE",
        "msg": "",
        "fields": [{"name": name, "type": kind} for name, kind in fields.items()],
        "data": part,
        "paging": {"page": page, "pageSize": size, "pagesFiltered": max(1, -(-len(rows) // size))},
    }


class _Server(ThreadingHTTPServer):
    """A server of the fake archive."""

    def __init__(self, archive: FakeArchive) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.archive = archive


class _Handler(BaseHTTPRequestHandler):
    """Responds with the files of the server's archive."""

    server: "_Server"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        if self.path == "/portal/Mashup/Mashup.asmx/columnsconfig":
            fields = PRODUCT if "Products" in body else OBSERVATION
            self._json({name: {"type": kind} for name, kind in fields.items()})
        elif self.path == "/api/v0/invoke":
            request = json.loads(unquote(body.removeprefix("request=")))
            self._json(self.server.archive.invoke(request))
        else:
            self.send_error(404)

    def do_GET(self) -> None:
        archive = self.server.archive
        parts = urlsplit(self.path)
        name = parse_qs(parts.query).get("uri", [""])[0].removeprefix(PREFIX)
        if parts.path != "/api/v0.1/Download/file" or name not in archive.files:
            self.send_error(404)
            return
        with archive.lock:
            archive.downloads.append((name, self.headers.get("range", "")))
            archive.waiting += 1
            archive.max_waiting = max(archive.max_waiting, archive.waiting)
            failure = archive.failures.pop(0) if archive.failures else 0
            cut_after, archive.cut_after = archive.cut_after, None
        if archive.gate is not None:
            archive.gate.wait(30)
        # Before the response: as soon as the client has received it, it may send its next request,
        # which could be counted before this thread runs again.
        with archive.lock:
            archive.waiting -= 1
        self._file(archive.files[name], failure, cut_after)

    def _file(self, file: ArchiveFile, failure: int, cut_after: int | None) -> None:
        allowed = self.headers.get("authorization") == "token good"
        if failure or (file.rights != "PUBLIC" and not allowed):
            self.send_error(failure or 401)
            return
        data = file.path.read_bytes()
        requested = self.headers.get("range", "")
        start = int(requested.removeprefix("bytes=").split("-")[0]) if requested else 0
        self.send_response(206 if requested else 200)
        self.send_header("content-length", str(len(data) - start))
        self.end_headers()
        self.wfile.write(data[start:][:cut_after])
        if cut_after is not None:
            self.close_connection = True

    def _json(self, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def serving(archive: FakeArchive) -> Iterator[FakeArchive]:
    """Serve a fake archive in a thread."""
    server = _Server(archive)
    archive.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield archive
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
