"""`python -m bench.biglake x1d 100e6 FOLDER` builds a lake in a folder unless it exists."""

import sys
import time
from pathlib import Path

from bench.biglake.build import Plan, build


def main(kind: str, pixels: str, folder: str) -> None:
    """Build a lake and print how long it took."""
    start = time.perf_counter()
    built = build(
        Path(folder), Plan(kind, int(float(pixels))), lambda line: print(line, flush=True)
    )
    print(f"{built.folder}: {built.plan.products:,} products, {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
