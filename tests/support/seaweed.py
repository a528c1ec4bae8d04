"""SeaweedFS, a store that speaks S3, as a process on this machine."""

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
from spectraldb.storage.s3 import Access, Bucket

KEYS = {"AWS_ACCESS_KEY_ID": "spectral", "AWS_SECRET_ACCESS_KEY": "database"}
BUCKET = "lakes"
WEED = str(Path(sys.executable).with_name("weed"))
SECONDS = 60


@dataclass
class Seaweed:
    """A store that can be killed and started again over the same data."""

    folder: Path
    ports: dict[str, int] = field(default_factory=lambda: _free_ports("master volume filer s3"))
    _process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.ports['s3']}"

    def settings(
        self, folders: pytest.TempPathFactory, lake: str = "search/lake", **others: Any
    ) -> Settings:
        """Return the settings of a machine that has nothing in its cache yet."""
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
        """Have the bucket be a folder, by FUSE."""
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
            ends = time.monotonic() + SECONDS
            while not folder.is_mount():
                if process.poll() is not None or time.monotonic() > ends:
                    raise TimeoutError((self.folder / "mount.log").read_text())
                time.sleep(0.1)
            yield folder
        finally:
            process.terminate()
            process.wait()

    def _wait_for_objects(self) -> None:
        """Wait until it finds the bytes of what it lists, which takes longer than to list it."""
        bucket = Bucket(f"s3://{BUCKET}", Access(self.endpoint, "us-east-1"))
        ends = time.monotonic() + SECONDS
        while time.monotonic() < ends:
            try:
                for entry in bucket.list():
                    bucket.get(entry.name)
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise TimeoutError((self.folder / "log").read_text()[-2000:])

    def _shell(self, words: str) -> None:
        places = [f"-{name}=127.0.0.1:{self.ports[name]}" for name in ("master", "filer")]
        command = [WEED, "shell", *places]
        subprocess.run(command, input=words.encode(), check=True, capture_output=True)

    def _wait(self) -> None:
        ends = time.monotonic() + SECONDS
        while time.monotonic() < ends:
            try:
                urllib.request.urlopen(f"{self.endpoint}/", timeout=1).close()
            except urllib.error.HTTPError as error:
                error.close()
                return  # it answers, if only that one has to sign
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
    """Return free ports; each process of SeaweedFS takes one 10,000 higher too.

    A store that was killed has to find its ports free again: other runs begin elsewhere, and all
    below 32,768, from where on systems give ports to connections.
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
