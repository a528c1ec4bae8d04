"""A temporary PostgreSQL server on a Unix socket."""

import importlib
import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench.search.contender import NotInstalledError

USER = "postgres"
"""User that runs the server if this process is root, because PostgreSQL refuses to run as root."""


def _programs() -> Path:
    """Return the folder with the programs of the newest PostgreSQL."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    # The folder on Debian; it is not in PATH.
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: float(p.parent.name))
    if not folders:
        raise NotInstalledError("PostgreSQL: install its server")
    return folders[-1]


def _driver() -> Any:  # noqa: ANN401 - an optional library
    try:
        return importlib.import_module("psycopg")
    except ModuleNotFoundError as error:
        raise NotInstalledError("PostgreSQL: pip install psycopg[binary]") from error


class PostgresServer:
    """PostgreSQL over a folder; creates a database if there is none.

    Parameters
    ----------
    folder
        Folder of the database.
    """

    def __init__(self, folder: Path) -> None:
        self._programs, self._driver, self._folder = _programs(), _driver(), folder

    def __enter__(self) -> Self:
        if os.geteuid() == 0:
            user = pwd.getpwnam(USER)
            os.chown(self._folder, user.pw_uid, user.pw_gid)
        if not (self._folder / "PG_VERSION").exists():
            self._run(
                "initdb",
                "--username",
                USER,
                "--auth",
                "trust",
                "--encoding",
                "UTF8",
                "--locale",
                "C",
            )
            with (self._folder / "postgresql.conf").open("a") as file:
                file.write(_settings(self._folder))
        self._run("pg_ctl", "--wait", "--log", str(self._folder / "log"), "start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        self._run("pg_ctl", "--wait", "--mode", "fast", "stop")

    @property
    def pid(self) -> int:
        """Process ID of the server."""
        return int((self._folder / "postmaster.pid").read_text().split()[0])

    def connect(self) -> Any:  # noqa: ANN401 - its package has no types
        """Return a connection of psycopg."""
        return self._driver.connect(
            host=str(self._folder), user=USER, dbname="postgres", autocommit=True
        )

    def _run(self, program: str, *arguments: str) -> None:
        command: Sequence[str] = [
            str(self._programs / program),
            "-D",
            str(self._folder),
            *arguments,
        ]
        if os.geteuid() == 0:
            command = ["runuser", "-u", USER, "--", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")


def _settings(folder: Path) -> str:
    """Return the usual settings for large tables."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    settings = {
        "listen_addresses": "''",
        "unix_socket_directories": f"'{folder}'",
        "shared_buffers": f"{memory // 4}MB",
        "effective_cache_size": f"{memory * 3 // 4}MB",
        "maintenance_work_mem": "2GB",
        "work_mem": "256MB",
        "random_page_cost": "1.1",
        "max_wal_size": "16GB",
        "wal_level": "minimal",
        "max_wal_senders": "0",
    }
    return "".join(f"{name} = {value}\n" for name, value in settings.items())
