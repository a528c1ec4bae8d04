"""SeaweedFS, an S3-compatible store, as a process on this machine."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from spectraldb.settings import Settings
from spectraldb.storage.access import Access
from spectraldb.storage.s3 import Bucket

KEYS = {"AWS_ACCESS_KEY_ID": "spectral", "AWS_SECRET_ACCESS_KEY": "database"}
BUCKET = "lakes"
WEED = str(Path(sys.executable).with_name("weed"))
SECONDS = 60


@dataclass
class Seaweed:
    """A server that can be killed and restarted over the same data."""

    folder: Path
    ports: dict[str, int] = field(default_factory=lambda: _free_ports("master volume filer s3"))
    _process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.ports['s3']}"

    @property
    def access(self) -> Access:
        return Access(self.endpoint, "us-east-1")

    def settings(
        self, folders: pytest.TempPathFactory, lake: str = "search/lake", **others: Any
    ) -> Settings:
        """Return the settings of a machine with an empty cache."""
        return Settings(
            lake=f"s3://{BUCKET}/{lake}",
            s3_endpoint=self.endpoint,
            s3_region="us-east-1",
            cache=folders.mktemp("cache"),
            **others,
        )

    def start(self) -> None:
        is_new = not (self.folder / "data").exists()
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        keys = {"accessKey": KEYS["AWS_ACCESS_KEY_ID"], "secretKey": KEYS["AWS_SECRET_ACCESS_KEY"]}
        identity = {"name": "tests", "credentials": [keys], "actions": ["Admin"]}
        config = self.folder / "s3.json"
        config.write_text(json.dumps({"identities": [identity]}))
        command = [
            WEED,
            "server",
            f"-dir={self.folder / 'data'}",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            "-s3",
            f"-s3.config={config}",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            "-master.telemetry=false",
            "-master.peers=none",
            "-volume.max=100",
            "-master.volumeSizeLimitMB=64",
            *(f"-{name}.port={port}" for name, port in self.ports.items()),
        ]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)
        self._wait()
        if is_new:
            self._shell(f"s3.bucket.create -name {BUCKET}")
        else:
            self._wait_for_objects()

    @contextmanager
    def mounted(self, folder: Path) -> Iterator[Path]:
        """Mount the bucket as a folder with FUSE."""
        folder.mkdir()
        command = [
            WEED,
            "mount",
            f"-filer=127.0.0.1:{self.ports['filer']}",
            f"-dir={folder}",
            f"-filer.path=/buckets/{BUCKET}",
            "-readOnly",
        ]
        with (self.folder / "mount.log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)
        try:
            deadline = time.monotonic() + SECONDS
            while not folder.is_mount():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise TimeoutError((self.folder / "mount.log").read_text())
                time.sleep(0.1)
            yield folder
        finally:
            process.terminate()
            process.wait()

    def _wait_for_objects(self) -> None:
        """Wait until every listed object can be read, which takes longer."""
        bucket = Bucket(f"s3://{BUCKET}", self.access)
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            try:
                for info in bucket.list():
                    bucket.get(info.name)
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise TimeoutError((self.folder / "log").read_text()[-2000:])

    def _shell(self, script: str) -> None:
        servers = [f"-{name}=127.0.0.1:{self.ports[name]}" for name in ("master", "filer")]
        command = [WEED, "shell", *servers]
        subprocess.run(command, input=script.encode(), check=True, capture_output=True)

    def _wait(self) -> None:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{self.endpoint}/", timeout=1).close()
            except urllib.error.HTTPError as error:
                error.close()
                return  # it responds, but rejects a request without a signature
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise TimeoutError((self.folder / "log").read_text()[-2000:])

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()


def _free_ports(names: str) -> dict[str, int]:
    """Return free ports; each process of SeaweedFS also uses the port 10,000 higher.

    A restarted store needs the same ports. So other runs start from different numbers, and all are
    below 32,768, from which the system assigns ports to connections.
    """
    found: dict[str, int] = {}
    port = 20_000 + os.getpid() * 50 % 2_500
    for name in names.split():
        while not (_is_free(port) and _is_free(port + 10_000)):
            port += 1
        found[name] = port
        port += 1
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
