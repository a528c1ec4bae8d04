"""Invalid settings of a cluster are rejected when a service is opened."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from spectraldb.cli import app
from spectraldb.errors import BadQueryError
from spectraldb.service.service import Service
from spectraldb.settings import Settings


def settings(lake: Path, spark: str) -> Settings:
    """Return settings for searches on a cluster."""
    return Settings(lake=lake, engine="spark", spark=spark)


@pytest.mark.parametrize("address", ["sc://host:abc", "sc://host/path"])
def test_invalid_address_of_a_cluster(tmp_path: Path, address: str) -> None:
    with pytest.raises(BadQueryError, match="not the address of a cluster"):
        Service(settings(tmp_path / "lake", address), create=True)


def test_path_with_a_pattern(tmp_path: Path) -> None:
    with pytest.raises(BadQueryError, match=r"with \* in its path"):
        Service(settings(tmp_path / "lake*", "sc://127.0.0.1:1"), create=True)


@pytest.mark.parametrize("options", [[], ["--spark", "127.0.0.1:15002"]])
def test_missing_address(tmp_path: Path, options: list[str]) -> None:
    command = ["serve", "--engine", "spark", "--lake", str(tmp_path / "lake"), *options]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 2
    assert ("sc://" in result.stderr) or ("is not valid here" in result.stderr)


def test_unknown_engine(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["serve", "--engine", "x", "--lake", str(tmp_path / "lake")])
    assert result.exit_code == 2
    assert "--engine: 'x' is unknown. Values: 'duckdb' or 'spark'." in " ".join(
        result.stderr.split()
    )


def test_without_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql.connect.session", None)
    with pytest.raises(BadQueryError, match=r"pip install 'spectraldb\[spark\]'"):
        Service(settings(tmp_path / "lake", "sc://x:1"), create=True)


def test_main_module_without_a_file(tmp_path: Path) -> None:
    """Spark's client on its own silently exits such an interpreter."""
    code = (
        "from spectraldb.service.service import Service\n"
        "from spectraldb.settings import Settings\n"
        f"settings = Settings(lake={str(tmp_path / 'lake')!r}, engine='spark', spark='sc://x:1')\n"
        "Service(settings, create=True).close()\n"
        "import __main__; print(hasattr(__main__, '__file__'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "False\n"), done.stderr
