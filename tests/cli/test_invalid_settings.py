"""Messages about settings that are invalid or misspelt."""

from pathlib import Path

import pytest

from spectraldb.cli.invalid_settings import unknown_settings
from tests.support.command_line import run


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PORT", "abc", "SPECTRALDB_PORT: 'abc' is not a whole number."),
        ("PORT", "70000", "SPECTRALDB_PORT: '70000' is too large; the maximum is 65535."),
        ("PROCESSES", "0", "SPECTRALDB_PROCESSES: '0' is too small; the minimum is 1."),
        ("TIME_LIMIT", "0", "SPECTRALDB_TIME_LIMIT: '0' is too small; it must be above 0."),
        ("TIME_LIMIT", "soon", "SPECTRALDB_TIME_LIMIT: 'soon' is not a number."),
        ("LOG", "xml", "SPECTRALDB_LOG: 'xml' is unknown. Values: 'text' or 'json'."),
        ("CACHE_SIZE", "big", "SPECTRALDB_CACHE_SIZE: 'big' is not a size. Examples: 50GB, 2TB."),
        ("MEMORY_LIMIT", "much", "SPECTRALDB_MEMORY_LIMIT: 'much' is not valid here."),
        ("SPARK", "host:1", "SPECTRALDB_SPARK: 'host:1' is not valid here. Address of Spark"),
    ],
)
def test_invalid_setting(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str, message: str
) -> None:
    monkeypatch.setenv(f"SPECTRALDB_{name}", value)
    result = run(tmp_path, "info")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"error: {message}")
    assert "pydantic" not in result.stderr


def test_invalid_option(tmp_path: Path) -> None:
    result = run(tmp_path, "serve", "--port", "70000")
    assert result.exit_code == 2
    assert result.stderr.startswith("error: --port: 70000 is too large; the maximum is 65535.")


def test_misspelt_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SPECTRALDB_PROT", "8001")
    monkeypatch.setenv("SPECTRALDB_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("SPECTRALDB_PORT_8000_TCP", "tcp://10.0.0.1:8000")
    warning = "SPECTRALDB_PROT: Unknown setting, which has no effect. Did you mean SPECTRALDB_PORT?"
    assert warning in unknown_settings()
    assert not any("SERVICE" in each or "TCP" in each for each in unknown_settings())
    assert f"warning: {warning}" in run(tmp_path, "info").stderr
