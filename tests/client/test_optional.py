"""Imports of the client: they are fast, and missing packages are reported."""

import subprocess
import sys

import pytest

from spectraldb import SpectralDB


def run_python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    return done.stdout


def test_import_loads_no_slow_module() -> None:
    slow = [
        "astropy.wcs",
        "astropy.io.fits",
        "astropy.table",
        "fastapi",
        "uvicorn",
        "pandas",
        "polars",
        "matplotlib",
        "specutils",
        "duckdb",
        "deltalake",
        "pydantic",
        "sqlglot",
        "asdf",
        "gwcs",
        "typer",
    ]
    loaded = run_python(
        "import spectraldb, sys; spectraldb.SpectralDB; print(*sys.modules)"
    ).split()
    assert not set(slow) & set(loaded)
    loaded = run_python("import spectraldb, sys; print(*sys.modules)").split()
    assert "pyarrow" not in loaded


WITHOUT = """
import sys
from importlib.metadata import requires
from packaging.requirements import Requirement

NAMES = {"fastapi-offline": "fastapi_offline", "pydantic-settings": "pydantic_settings",
         "asdf-astropy": "asdf_astropy"}
marked = [Requirement(text) for text in requires("spectraldb")]
client = {r.name for r in marked if r.marker is None}
for absent in {r.name for r in marked if r.marker is not None} - client:
    sys.modules[NAMES.get(absent, absent)] = None
"""


NO_COMMAND = (
    "The command requires more packages than the client; typer is missing. "
    "Run `pip install 'spectraldb[server]'`, or in a clone `pip install '.[server]'`."
)


def missing(package: str, extra: str) -> str:
    command = f"pip install 'spectraldb[{extra}]'"
    return f"{package}: The package is not installed. Install it with `{command}`."


def test_client_needs_only_its_own_packages(server_address: str) -> None:
    output = run_python(
        WITHOUT
        + f"""
from spectraldb import SpectralDB
db = SpectralDB({server_address!r}, progress=False)
search = db.search(wavelength=(3.2, 3.3), limit=5)
print(len(search.to_qtable()), search.count() > 5, len(list(search)))
product = db.retrieve(str(search.to_table()["fileName"][0]))
print(product.table["flux"].unit, product.fits()[0].header["TELESCOP"])
for method in (product.spectrum, product.plot):
    try:
        method()
    except ModuleNotFoundError as error:
        print(error)
try:
    SpectralDB("/nowhere")
except ModuleNotFoundError as error:
    print(error)
sys.argv = ["spectraldb"]
from spectraldb.__main__ import main
try:
    main()
except SystemExit as error:
    print(error)
"""
    )
    assert output.splitlines() == [
        "5 True 5",
        "Jy JWST",
        missing("specutils", "spectra"),
        missing("matplotlib", "plot"),
        missing("duckdb", "server"),
        NO_COMMAND,
    ]


def test_tables_of_other_packages_need_the_packages(
    remote: SpectralDB, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pandas", "polars"):
        monkeypatch.setitem(sys.modules, name, None)
        with pytest.raises(
            ModuleNotFoundError,
            match=f"{name}: The package is not installed. .*`pip install {name}",
        ):
            getattr(remote.search(limit=1), f"to_{name}")()
