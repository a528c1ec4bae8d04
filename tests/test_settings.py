"""Invalid settings, and the defaults."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from spectraldb.settings import Settings


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("lake", "S3://bucket/lake", "Write a bucket as s3://bucket/folder"),
        ("lake", "s3:/bucket/lake", "Write a bucket as s3://bucket/folder"),
        ("public_url", "example.org", "should match pattern"),
    ],
)
def test_invalid_values(name: str, value: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Settings.model_validate({name: value})


def test_invalid_variable_of_the_environment(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "spectraldb", "serve", "--lake", str(tmp_path / "lake")]
    environment = os.environ | {"SPECTRALDB_LOG": "xml"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 2
    assert "SPECTRALDB_LOG: 'xml' is unknown. Values: 'text' or 'json'" in " ".join(
        done.stderr.split()
    )


def test_defaults() -> None:
    settings = Settings()
    assert (settings.processes, settings.log, settings.max_running) == (1, "text", None)
