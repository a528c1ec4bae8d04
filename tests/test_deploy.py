"""What the server is run by: the unit of systemd."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT
from spectraldb.settings import Settings

UNIT = ROOT / "deploy" / "spectraldb.service"


def values(name: str) -> list[str]:
    lines = (line.partition("=") for line in UNIT.read_text().splitlines())
    return [value for key, _, value in lines if key == name]


def test_its_settings_are_settings() -> None:
    given = dict(value.split("=", 1) for value in values("Environment"))
    names = {name.removeprefix("SPECTRALDB_").lower(): value for name, value in given.items()}
    assert set(names) <= set(Settings.model_fields)
    Settings.model_validate(names)


def test_it_waits_for_answers_that_are_being_sent() -> None:
    (seconds,) = values("TimeoutStopSec")
    assert int(seconds) > Settings().stop_seconds


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_understands_it(tmp_path: Path) -> None:
    # The program has to be there for that.
    program = Path(sys.executable).with_name("spectraldb")
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/opt/spectraldb/bin/spectraldb", str(program)))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert not [line for line in done.stderr.splitlines() if UNIT.name in line]
    assert done.returncode == 0
