"""Run every code block in README.md and compare its output.

`test_docs.py` uses the same code for the pages in docs/:

- `bash` and `python` blocks run in order in a new folder with the results of `make demo`: `.venv`,
  `demo-data` and `demo-lake`. Lines that call make are not run, but compared with the Makefile.
- A `text` or `json` block after such a block is its output. `...` matches anything, and blanks in
  JSON are ignored.
- `console` blocks, and those of other languages, are not run.

A server listens on a free port, which replaces the address in the pages.
"""

import functools
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from spectraldb.sample import write_samples
from spectraldb.service.service import Service
from spectraldb.settings import Settings

ROOT = Path(__file__).parents[2]
SERVED = "http://127.0.0.1:8000"
RUN = ("bash", "python")
OUTPUT = ("text", "json")

_BLOCK = re.compile(r"^```(?P<language>[a-z]*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_MAKE = re.compile(r"make +(?P<words>.+)")
_CURL = """#!{python}
import sys, urllib.error, urllib.request
for url in (word for word in sys.argv[1:] if word.startswith("http")):
    try:
        sys.stdout.write(urllib.request.urlopen(url).read().decode())
    except urllib.error.HTTPError as error:
        sys.stdout.write(error.read().decode())
"""


@dataclass(frozen=True)
class Block:
    """A code block, and its output on the page."""

    language: str
    text: str
    line: int
    shown: str = ""
    shown_as: str = ""


def blocks(page: Path) -> list[Block]:
    """Return the blocks of a page that can be run."""
    text = page.read_text("utf-8")
    found: list[Block] = []
    for match in _BLOCK.finditer(text):
        line = text.count("\n", 0, match.start()) + 2
        if match["language"] in OUTPUT:
            if found and not found[-1].shown:
                last = found.pop()
                found.append(
                    Block(last.language, last.text, last.line, match["text"], match["language"])
                )
        else:
            found.append(Block(match["language"], match["text"], line))
    return [block for block in found if block.language in RUN]


@dataclass(frozen=True)
class Workshop:
    """The results of `make demo`: samples, a lake of them, and the URL of a server."""

    samples: Path
    lake: Path
    address: str

    def bench(self, folder: Path) -> "Bench":
        """Return a bench that runs the blocks of a page in a folder."""
        binaries = folder / ".venv" / "bin"
        binaries.mkdir(parents=True)
        (binaries / "activate").write_text("# The environment of the tests is already active.\n")
        if not shutil.which("curl"):
            (binaries / "curl").write_text(_CURL.format(python=sys.executable))
            (binaries / "curl").chmod(0o755)
        (folder / "demo-data").symlink_to(self.samples)
        (folder / "demo-lake").symlink_to(self.lake)
        return Bench(folder, binaries, self.address)


@dataclass
class Bench:
    """Runs the blocks of a page in order."""

    folder: Path
    binaries: Path
    address: str
    exports: str = ""
    """Lines with exported variables, which later blocks need."""

    def check(self, block: Block) -> None:
        """Run a block and compare its output with the page."""
        out = self.run(block)
        where = f"the block at line {block.line}"
        if '"status"' not in block.shown:
            assert '{"status":0' not in out, f"{where} is answered with an error: {out[:500]}"
        if block.shown:
            assert matches(block, out), f"{where} prints\n{out}\nand not\n{block.shown}"

    def run(self, block: Block) -> str:
        text = block.text.replace(SERVED, self.address)
        if block.language == "bash":
            lines = [line for line in text.splitlines() if not check_make(line)]
            command = ["bash", "-euo", "pipefail", "-c", self.exports + "\n".join(lines)]
            self.exports += "".join(f"{line}\n" for line in lines if line.startswith("export "))
        else:
            script = self.folder / "script.py"
            script.write_text(text, "utf-8")
            command = [sys.executable, script.name]
        path = f"{self.binaries}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        environment = {k: v for k, v in os.environ.items() if not k.startswith("SPECTRALDB_")}
        environment |= {"PATH": path, "HOME": str(self.folder), "NO_PROXY": "127.0.0.1"}
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )
        message = f"the block at line {block.line} ends with {done.returncode}"
        assert done.returncode == 0, f"{message}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done.stdout.replace(self.address, SERVED)


def matches(block: Block, out: str) -> bool:
    """Return whether output matches the page."""
    shown = block.shown
    if block.shown_as == "json":
        shown, out = ("".join(text.split()) for text in (shown, out))
    pattern = ".*?".join(re.escape(part) for part in shown.strip().split("..."))
    return re.fullmatch(pattern, out.strip(), re.DOTALL) is not None


def check_make(line: str) -> bool:
    """Return whether a line calls make; check its targets and variables in the Makefile."""
    match = _MAKE.match(line)
    if match is None:
        return False
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for word in match["words"].split("#")[0].split():
        name, is_variable, _ = word.partition("=")
        known = rf"^{re.escape(name)} *\?=" if is_variable else rf"^{re.escape(name)}:"
        assert re.search(known, makefile, re.MULTILINE), f"the Makefile has no {word}: {line}"
    return True


@functools.cache
def demo(base: Path) -> tuple[Path, Path]:
    """Create the samples and a lake of them, once per session."""
    samples, lake = base / "demo-data", base / "demo-lake"
    write_samples(samples)
    service = Service(Settings(lake=lake), create=True)
    assert not service.ingest([samples]).refused
    service.close()
    return samples, lake


@contextmanager
def open_workshop(base: Path) -> Iterator[Workshop]:
    """Yield a workshop with a running server."""
    base.mkdir(exist_ok=True)
    samples, lake = demo(base)
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = ["serve", "--lake", str(lake), "--port", str(port)]
    log = base / f"server-{port}.log"
    with (
        log.open("w") as out,
        subprocess.Popen(
            [sys.executable, "-m", "spectraldb", *command], stdout=out, stderr=subprocess.STDOUT
        ) as server,
    ):
        try:
            wait_for(f"http://127.0.0.1:{port}/spectra/openapi.json", server, log)
            yield Workshop(samples, lake, f"http://127.0.0.1:{port}")
        finally:
            server.terminate()


def wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        assert server.poll() is None, f"the server has ended: {log.read_text('utf-8')}"
        try:
            urllib.request.urlopen(url).close()
        except urllib.error.URLError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"the server does not answer: {log.read_text('utf-8')}")


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    with open_workshop(tmp_path_factory.getbasetemp() / "documentation") as opened:
        yield opened


README = ROOT / "README.md"


def test_readme_works(workshop: Workshop, tmp_path: Path) -> None:
    bench = workshop.bench(tmp_path)
    found = blocks(README)
    assert {block.language for block in found} == {"bash", "python"}
    for block in found:
        bench.check(block)


def test_readme_is_short() -> None:
    lines = README.read_text("utf-8").splitlines()
    assert len(lines) <= 70
    assert all(len(line) <= 120 or line.startswith("|") for line in lines)


def test_readme_names_the_two_commands() -> None:
    first = blocks(README)[0]
    assert first.text.split("\n")[:2] == ["make demo", "make test"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("spectraldb search flux.over=10 --lake demo-lake", ""),
        ("spectraldb search flux.gte=10 --lake nowhere", ""),
        ("curl -s '" + SERVED + "/spectra/api/v0.1/search?flx=1'", ""),
        ("spectraldb --version", "another program\n"),
        ("make tset", ""),
        ("make demo DATUM=folder", ""),
    ],
)
def test_a_failing_block_is_reported(
    workshop: Workshop, tmp_path: Path, text: str, shown: str
) -> None:
    with pytest.raises(AssertionError):
        workshop.bench(tmp_path).check(Block("bash", text, 1, shown, "text"))
