"""The container: its settings and files exist, and its packages are locked."""

import re
import tomllib

from tests.conftest import ROOT
from tests.deploy.files import DEPLOY, assert_settings

CONTAINER = (DEPLOY / "Containerfile").read_text()


def test_variables_are_settings_and_files_exist() -> None:
    assert_settings(dict(re.findall(r"(SPECTRALDB_\w+)=(\S+)", CONTAINER)))
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", CONTAINER, re.MULTILINE)
    paths = [path for line in copied for path in line.split()]
    assert paths
    assert all((ROOT / path).exists() for path in paths)
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line[0] == "!"}
    assert {path.split("/")[0] for path in paths} <= allowed


def test_packages_for_buckets_and_clusters_are_locked() -> None:
    lock = (ROOT / "requirements" / "serve.lock").read_text()
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    for requirement in [*extras["server"], *extras["s3"], *extras["spark"]]:
        name = re.split(r"[^\w.-]", requirement)[0]
        assert re.search(rf"^{name}==", lock, re.MULTILINE), name
