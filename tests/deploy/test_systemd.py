"""The systemd unit."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from spectraldb.settings import Settings
from tests.conftest import ROOT
from tests.deploy.files import DEPLOY, assert_settings

UNIT = DEPLOY / "spectraldb.service"


def values(name: str) -> list[str]:
    """Return the values of a key of the unit."""
    lines = (line.partition("=") for line in UNIT.read_text().splitlines())
    return [value for key, _, value in lines if key == name]


def test_variables_are_settings() -> None:
    assert_settings(dict(value.split("=", 1) for value in values("Environment")))


def test_responses_can_finish_before_it_stops() -> None:
    (seconds,) = values("TimeoutStopSec")
    assert int(seconds) > Settings().stop_seconds


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_unit_and_its_drop_in_are_valid(tmp_path: Path) -> None:
    # systemd-analyze requires that the program exists.
    program = Path(sys.executable).with_name("spectraldb")
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/opt/spectraldb/bin/spectraldb", str(program)))
    text = (ROOT / "docs" / "server.md").read_text()
    added = re.search(r"cat > /etc/systemd/system/(\S+) <<'END'\n(.*?)END\n", text, re.DOTALL)
    assert added
    more = tmp_path / added[1]
    assert more.parent.name == f"{UNIT.name}.d"
    more.parent.mkdir()
    more.write_text(added[2])
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        env=os.environ | {"SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
        capture_output=True,
        text=True,
        check=False,
    )
    unit_names = [UNIT.name, more.name]
    assert not [
        line for line in done.stderr.splitlines() if any(name in line for name in unit_names)
    ]
    assert done.returncode == 0
