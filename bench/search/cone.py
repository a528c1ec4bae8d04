"""A search around a position, in a lake of cubes."""

from contextlib import ExitStack

import numpy as np

from bench.biglake.build import Built
from bench.biglake.cubes import MadeUpCube
from bench.biglake.modes import S3D_MODES
from bench.biglake.product import place
from bench.search.contender import Contender, Rows, time_all
from bench.search.ours import in_process, open_service, over_http
from bench.search.question import Question
from bench.server import spectral_db
from bench.table import Table

RADIUS = 0.3
LOW, HIGH = 5.0, 5.03


def measure(built: Built) -> Table:
    """Measure the search."""
    cube = len(S3D_MODES) * (built.plan.products // len(S3D_MODES) // 2)
    centre = place(cube // len(S3D_MODES))
    text = (
        f"product=s3d&ra={centre.ra!r}&dec={centre.dec!r}&radius={RADIUS}arcsec"
        f"&wavelength={LOW},{HIGH}&columns=flux"
    )
    question = Question("cone", text, sql="")
    with ExitStack() as stack:
        service = open_service(built.folder, stack)
        server = stack.enter_context(spectral_db(built.folder))
        contenders = [in_process(service, built), over_http(server, stack)]
        found = _check(contenders, question, cube)
        time_all(contenders, question)
    return _table(built, question, contenders, found)


def _check(contenders: list[Contender], question: Question, cube: int) -> int:
    """Return the number of voxels found; raise ValueError if they are not the expected ones."""
    expected = _expected(cube)
    answer = contenders[0].ask(question).to_pylist()
    if [(row["x"], row["y"], row["z"], row["flux"]) for row in answer] != expected:
        raise ValueError(
            "The search around a position did not find the expected voxels of the cube."
        )
    contenders[1].ask(question)
    return len(expected)


def _expected(cube: int) -> Rows:
    """Return x, y, z and flux of the voxels to find, computed from every spaxel of the cube."""
    centre, found = place(cube // len(S3D_MODES)), []
    for block in MadeUpCube(cube).blocks():
        east = (block.spectra["ra"] - centre.ra + 180) % 360 - 180
        across = east * np.cos(np.radians(centre.dec))
        near = np.hypot(across, block.spectra["dec"] - centre.dec) * 3600 <= RADIUS
        inside = (block.wavelength >= LOW) & (block.wavelength <= HIGH) & block.stored
        assert block.x is not None
        assert block.y is not None
        for i, z in np.argwhere(inside & near[:, np.newaxis]).tolist():
            found.append((int(block.x[i]), int(block.y[i]), z, float(block.flux[i, z])))
    return found


def _table(built: Built, question: Question, contenders: list[Contender], found: int) -> Table:
    ours = contenders[0].times[question.title]
    plan = built.plan
    return Table(
        title=f"Search around a position in {plan.pixels / 1e6:g} million voxels",
        result=f"{ours.short} for {found:,} voxels.",
        about=(
            f"The lake has {plan.products:,} cubes (s3d) of 47 by 45 spaxels, each at a different "
            f"position. `{question.text}` finds {found:,} voxels. Aim: 5 ms in the engine. "
            f"Measured: {ours.text()}."
        ),
        headings=("", "time"),
        rows=[[c.name, c.times[question.title].text()] for c in contenders],
        meaning=_MEANING,
    )


_MEANING = """\
- The rows are defined as for the searches of extracted spectra. The benchmark first checks the
  result against a test of every spaxel of the cube.
"""
