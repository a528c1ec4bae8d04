"""The deployment files and their settings."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from spectraldb.settings import Settings
from tests.conftest import ROOT

Json = dict[str, Any]

DEPLOY = ROOT / "deploy"


def documents(name: str) -> dict[tuple[str, str], Json]:
    """Return the documents of a Kubernetes file by kind and name."""
    every = yaml.safe_load_all((DEPLOY / name).read_text())
    return {(document["kind"], document["metadata"]["name"]): document for document in every}


KUBERNETES = documents("kubernetes.yaml")
SAIL = documents("sail.yaml")
SAIL_POD: Json = SAIL["Deployment", "sail"]["spec"]["template"]
(SAIL_SERVER,) = SAIL_POD["spec"]["containers"]
SAIL_SETTINGS = {variable["name"]: variable.get("value", "") for variable in SAIL_SERVER["env"]}
SAIL_TEMPLATE: Json = json.loads(SAIL_SETTINGS["SAIL_KUBERNETES__WORKER_POD_TEMPLATE"])
(SAIL_VERBS,) = (rule["verbs"] for rule in SAIL["Role", "sail"]["rules"])


def assert_settings(variables: dict[str, str]) -> None:
    """Assert that environment variables are known settings with valid values."""
    names = {name.removeprefix("SPECTRALDB_").lower(): text for name, text in variables.items()}
    assert names
    assert set(names) <= set(Settings.model_fields)
    Settings.model_validate(names)


def wait_for(is_ready: Callable[[], bool], log: Path) -> None:
    """Wait until a condition holds; on a timeout, fail with the end of a log."""
    deadline = time.monotonic() + 150
    while not is_ready():
        assert time.monotonic() < deadline, log.read_text()[-3000:]
        time.sleep(0.1)
