"""A stand-in for the archive: it speaks the endpoints that astroquery and the downloads ask.

The shapes of its answers are those that astroquery 0.4.11 reads: its sources, and the archive's
description of its API (https://mast.stsci.edu/api/v0/).
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
    "obsid": "string", "obs_id": "string", "obs_collection": "string", "target_name": "string",
    "instrument_name": "string", "proposal_id": "string", "calib_level": "int", "s_ra": "float",
    "s_dec": "float",
}  # fmt: skip
PRODUCT = {
    "obsID": "string", "dataURI": "string", "productFilename": "string", "size": "int",
    "prvversion": "string", "dataRights": "string", "productSubGroupDescription": "string",
    "calib_level": "int",
}  # fmt: skip


@dataclass
class Held:
    """A file of the archive."""

    path: Path
    name: str
    rights: str = "PUBLIC"
    listed_size: int | None = None
    """What is listed, where that is not the size of the file."""

    @property
    def root(self) -> str:
        return self.name.rsplit("_", 1)[0]

    def observation(self) -> dict[str, Any]:
        header = fits.getheader(self.path)
        return {
            "obsid": f"id-{self.root}", "obs_id": self.root, "obs_collection": "JWST",
            "target_name": header.get("TARGPROP", ""),
            "instrument_name": f"{header['INSTRUME']}/IFU",
            "proposal_id": str(int(header["PROGRAM"])), "calib_level": 3,
            "s_ra": header.get("TARG_RA", 0.0), "s_dec": header.get("TARG_DEC", 0.0),
        }  # fmt: skip

    def product(self) -> dict[str, Any]:
        size = self.listed_size if self.listed_size is not None else self.path.stat().st_size
        return {
            "obsID": f"id-{self.root}", "dataURI": PREFIX + self.name, "size": size,
            "productFilename": self.name, "dataRights": self.rights, "calib_level": 3,
            "prvversion": f"CALJWST_{fits.getheader(self.path)['CAL_VER']}",
            "productSubGroupDescription": self.name.rsplit("_", 1)[1].split(".")[0].upper(),
        }  # fmt: skip


@dataclass
class Archive:
    """What the stand-in has, and what it was asked."""

    files: dict[str, Held] = field(default_factory=dict)
    """By name."""
    address: str = ""
    downloads: list[tuple[str, str]] = field(default_factory=list)
    """Names that were asked for, and from which byte on."""
    at_once: int = 0
    most_at_once: int = 0
    failures: list[int] = field(default_factory=list)
    """Statuses that the next downloads get instead of a file."""
    cut: int | None = None
    """After how many bytes the next download is cut off."""
    lock: Any = field(default_factory=threading.Lock)

    def add(self, path: Path, name: str = "", **more: Any) -> str:
        """Add a file, and return its URI."""
        held = Held(path, name or path.name, **more)
        self.files[held.name] = held
        return PREFIX + held.name

    def invoke(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Answer a query for observations or products."""
        params = asked["params"]
        if asked["service"] == "Mast.Caom.Products":
            ids = set(params["obsid"].split(","))
            rows = [h.product() for h in self.files.values() if f"id-{h.root}" in ids]
            return _table(PRODUCT, rows, asked)
        rows = list({h.root: h.observation() for h in self.files.values()}.values())
        if "position" in params:
            ra, dec, radius = map(float, params["position"].split(","))
            place = SkyCoord(ra, dec, unit="deg")
            rows = [
                row for row in rows
                if place.separation(SkyCoord(row["s_ra"], row["s_dec"], unit="deg")).deg <= radius
            ]  # fmt: skip
        return _table(OBSERVATION, [r for r in rows if _matches(r, params["filters"])], asked)


def _matches(row: dict[str, Any], filters: list[dict[str, Any]]) -> bool:
    for each in filters:
        value = str(row[each["paramName"]])
        patterns = [str(v) for v in each["values"]]
        free = each.get("freeText", "").replace("%", "*")
        if value not in patterns and not (free and fnmatch.fnmatchcase(value, free)):
            return False
    return True


def _table(
    fields: dict[str, str], rows: list[dict[str, Any]], asked: dict[str, Any]
) -> dict[str, Any]:
    size, page = asked["pagesize"], asked["page"]
    part = rows[(page - 1) * size : page * size]
    return {
        "status": "COMPLETE",
        "msg": "",
        "fields": [{"name": name, "type": kind} for name, kind in fields.items()],
        "data": part,
        "paging": {"page": page, "pageSize": size, "pagesFiltered": max(1, -(-len(rows) // size))},
    }


def _handler(archive: Archive) -> type[BaseHTTPRequestHandler]:  # noqa: C901 - a class
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            if self.path == "/portal/Mashup/Mashup.asmx/columnsconfig":
                fields = PRODUCT if "Products" in body else OBSERVATION
                self._json({name: {"type": kind} for name, kind in fields.items()})
            elif self.path == "/api/v0/invoke":
                self._json(archive.invoke(json.loads(unquote(body.removeprefix("request=")))))
            else:
                self.send_error(404)

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            name = parse_qs(parts.query).get("uri", [""])[0].removeprefix(PREFIX)
            if parts.path != "/api/v0.1/Download/file" or name not in archive.files:
                self.send_error(404)
                return
            with archive.lock:
                archive.downloads.append((name, self.headers.get("range", "")))
                archive.at_once += 1
                archive.most_at_once = max(archive.most_at_once, archive.at_once)
                failure = archive.failures.pop(0) if archive.failures else 0
                cut, archive.cut = archive.cut, None
            self._file(archive.files[name], failure, cut)

        def _file(self, held: Held, failure: int, cut: int | None) -> None:
            allowed = self.headers.get("authorization") == "token good"
            if failure or (held.rights != "PUBLIC" and not allowed):
                self._over()
                self.send_error(failure or 401)
                return
            data = held.path.read_bytes()
            given = self.headers.get("range", "")
            start = int(given.removeprefix("bytes=").split("-")[0]) if given else 0
            self.send_response(206 if given else 200)
            self.send_header("content-length", str(len(data) - start))
            self.end_headers()
            end = len(data) if cut is None else start + cut
            last = max(start, end - 1)
            try:
                self.wfile.write(data[start:last])
            finally:
                # With the last byte the client may ask for the next file at once.
                self._over()
            self.wfile.write(data[last:end])
            if cut is not None:
                self.close_connection = True

        def _over(self) -> None:
            with archive.lock:
                archive.at_once -= 1

        def _json(self, value: object) -> None:
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def serving(archive: Archive) -> Iterator[Archive]:
    """Serve a stand-in in a thread."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(archive))
    archive.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield archive
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
