"""The server on Kubernetes: probes, memory and variables."""

import pytest
from fastapi.testclient import TestClient
from pydantic import ByteSize, TypeAdapter, ValidationError

from spectraldb.settings import Settings
from tests.deploy.files import KUBERNETES, assert_settings


def test_probes_are_paths_of_the_server(samples_api: TestClient) -> None:
    assert_settings(KUBERNETES["ConfigMap", "spectraldb"]["data"])
    pod = KUBERNETES["Deployment", "spectraldb"]["spec"]["template"]["spec"]
    (server,) = pod["containers"]
    program, seconds = server["lifecycle"]["preStop"]["exec"]["command"]
    assert program == "sleep"
    assert pod["terminationGracePeriodSeconds"] > int(seconds) + Settings().stop_seconds
    assert_settings({variable["name"]: variable["value"] for variable in server["env"]})
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        assert samples_api.get(server[probe]["httpGet"]["path"]).status_code == 200
    assert server["ports"][0]["containerPort"] == Settings().port
    # The server waits up to 20 seconds for a store that does not respond.
    assert server["readinessProbe"]["timeoutSeconds"] > 20


def test_processes_of_a_pod_fit_into_its_memory() -> None:
    (server,) = KUBERNETES["Deployment", "spectraldb"]["spec"]["template"]["spec"]["containers"]
    variables = {variable["name"]: variable["value"] for variable in server["env"]}
    own = int(variables["SPECTRALDB_PROCESSES"]) * size("1GB")
    requests, most = (size(server["resources"][k]["memory"] + "B") for k in ("requests", "limits"))
    assert size(variables["SPECTRALDB_MEMORY_LIMIT"]) + own <= requests <= most


def size(text: str) -> int:
    """Return a size in bytes."""
    return TypeAdapter(ByteSize).validate_python(text)


def test_pods_run_the_built_image_without_variables_of_services() -> None:
    job = KUBERNETES["CronJob", "spectraldb-optimize"]["spec"]["jobTemplate"]["spec"]
    for owner in (KUBERNETES["Deployment", "spectraldb"]["spec"], job):
        pod = owner["template"]["spec"]
        assert pod["containers"][0]["imagePullPolicy"] == "IfNotPresent"
        # The variable that Kubernetes would set for the service is not a port number.
        assert pod["enableServiceLinks"] is False
    with pytest.raises(ValidationError):
        Settings.model_validate({"port": "tcp://10.0.0.1:80"})
