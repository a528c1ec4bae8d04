"""Demonstration: create sample products or use your own, ingest them, and start a server."""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qsl, quote

from spectraldb.lake.record import ProductRecord
from spectraldb.service.service import Service
from spectraldb.settings import Settings

EXAMPLE = "wavelength=1.2,1.3&flux.gte=10&derSnr.gt=5"


def main() -> None:
    """Run the demonstration."""
    options = _options()
    lake = options.lake.absolute()
    data = options.data or _samples()
    print(f"Ingesting {data} into the lake {lake}.", flush=True)
    # The command prints the files that it refuses, and ingests the others.
    _spectraldb("ingest", str(data), "--lake", str(lake), may_refuse=True)
    _print_examples(lake, options.port)
    serve = ["spectraldb", "serve", "--lake", str(lake), "--port", str(options.port)]
    os.execv(sys.executable, [sys.executable, "-m", *serve])  # noqa: S606 - our own arguments


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lake", type=Path, default=Path("demo-lake"))
    parser.add_argument("--data", type=Path, help="folder of your own FITS files")
    parser.add_argument("--port", type=int, default=8000)
    return parser.parse_args()


def _samples() -> Path:
    folder = Path("demo-data")
    print("Creating synthetic sample products. Their headers label them as synthetic.", flush=True)
    _spectraldb("sample", str(folder))
    return folder


def _spectraldb(*arguments: str, may_refuse: bool = False) -> None:
    """Run a command, and exit with its status if it fails."""
    command = [sys.executable, "-m", "spectraldb", *arguments]
    status = subprocess.run(command, check=False).returncode  # noqa: S603 - our own arguments
    if status not in ((0, 1) if may_refuse else (0,)):
        sys.exit(status)


def _print_examples(lake: Path, port: int) -> None:
    service = Service(Settings(lake=lake))
    products = service.products()
    example = _example(service, products)
    service.close()
    if not products:
        sys.exit("No file was ingested. See the reasons above.")
    api = f"http://127.0.0.1:{port}/spectra/api/v0.1"
    first = quote(products[0].uri, safe=":/")
    print(
        f"\nSearch and view spectra in a browser:\n  http://127.0.0.1:{port}/\n"
        "\nOr call the API, from a browser or with curl:\n"
        f"  {api}/search?{example}\n"
        f"  {api}/search?product=all&group=True&columns=productType,targetName,instrument\n"
        f"  {api}/retrieve?uri={first}\n"
        f"  {api}/retrieve/derived?uri={first}\n"
        f"  http://127.0.0.1:{port}/spectra/docs\n",
        flush=True,
    )


def _example(service: Service, products: list[ProductRecord]) -> str:
    """Return a search with results: the archive's example, or one for the ingested products."""
    if service.count(parse_qsl(EXAMPLE)).pixels:
        return EXAMPLE
    for row in products:
        low, high = row["productWavelengthMin"], row["productWavelengthMax"]
        if low is not None:
            middle = (low + high) / 2
            return f"product={row['productType']}&wavelength={middle:.3f},{middle * 1.02:.3f}"
    return EXAMPLE


if __name__ == "__main__":
    main()
