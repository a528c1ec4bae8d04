"""The direction of imports: a package imports from the layers below it.

The layers are the contract in ``pyproject.toml``.
"""

from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parent.parent


@pytest.mark.filterwarnings("ignore::DeprecationWarning:importlinter")
def test_data_flows_one_way(capsys: pytest.CaptureFixture[str]) -> None:
    status = lint_imports(
        config_filenames=(str(ROOT / "pyproject.toml"),), no_cache=True, no_logo=True
    )
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out
