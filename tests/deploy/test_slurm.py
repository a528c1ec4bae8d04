"""The Slurm job starts a cluster of Apache Spark, or reports why it cannot."""

import os
import socket
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from spectraldb.service.service import Service
from tests.deploy.files import DEPLOY, wait_for
from tests.engines.spark.searches import PIXELS, over
from tests.support.clusters import spark_home
from tests.support.ports import free_port
from tests.support.spark_home import spark_or_skip


def slurm(folder: Path, **variables: str) -> dict[str, str]:
    """Return the environment of a one-node job, with fakes of Slurm's programs and variables."""
    options = 'while [ "${1#--}" != "$1" ]; do shift; done'
    programs = {
        "scontrol": "echo 127.0.0.1",
        "srun": f'echo "$@" > {folder}/srun.txt; {options}; exec "$@"',
    }
    for name, script in programs.items():
        write_program(folder / name, script)
    return os.environ | {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "TMPDIR": str(folder),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SLURM_JOB_ID": "1",
        "SLURM_JOB_NODELIST": "node",
        "SLURM_JOB_NUM_NODES": "1",
        "SLURM_CPUS_PER_TASK": "1",
        "SLURM_MEM_PER_NODE": "1500",
        **variables,
    }


def write_program(path: Path, script: str) -> None:
    """Write an executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_job_starts_a_cluster(samples: Service, tmp_path: Path) -> None:
    spark_or_skip()
    port = free_port()
    environment = slurm(
        tmp_path,
        SPARK_HOME=str(spark_home()),
        DRIVER_MEMORY="1g",
        MASTER_PORT=str(free_port()),
        CONNECT_PORT=str(port),
    )
    log = tmp_path / "log"
    with (
        log.open("wb") as out,
        subprocess.Popen(
            ["bash", str(DEPLOY / "spark.slurm")], stdout=out, stderr=out, env=environment
        ) as job,
    ):
        try:
            address = f"sc://127.0.0.1:{port}"
            text = f"spectraldb serve --engine spark --spark {address}\n"
            wait_for(lambda: text in log.read_text() or job.poll() is not None, log)
            assert text in log.read_text(), log.read_text()[-3000:]
            with closing(over(address, samples.settings)) as service:
                assert service.search(PIXELS).rows.equals(samples.search(PIXELS).rows)
        finally:
            job.terminate()
            job.wait()
    assert "--cpus-per-task=1 " in (tmp_path / "srun.txt").read_text()


JAVA = "echo 'openjdk version \"{}\" 2021-09-14' >&2"


def run_job(environment: dict[str, str]) -> tuple[int, str]:
    """Return the exit code and the errors of a job that fails to start a cluster."""
    done = subprocess.run(
        ["bash", str(DEPLOY / "spark.slurm")],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "spectraldb serve" not in done.stdout
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("java", "text"),
    [("", "set JAVA_HOME.\n"), ("11.0.2", "java is 11.\n"), ("1.8.0_402", "java is 1.\n")],
)
def test_job_reports_a_missing_or_old_java(tmp_path: Path, java: str, text: str) -> None:
    if java:
        write_program(tmp_path / "java" / "bin" / "java", JAVA.format(java))
    status, error = run_job(slurm(tmp_path, JAVA_HOME=str(tmp_path / "java")))
    assert status == 1
    assert error.startswith("error: Spark needs Java 17 or newer")
    assert error.endswith(text)


@pytest.fixture
def fake_programs(tmp_path: Path) -> dict[str, str]:
    """Return the environment of a job with the right version of Java, and a Spark that fails."""
    write_program(tmp_path / "java" / "bin" / "java", JAVA.format("17.0.1"))
    write_program(tmp_path / "spark" / "bin" / "spark-class", "echo no memory >&2; exit 3")
    return slurm(
        tmp_path,
        JAVA_HOME=str(tmp_path / "java"),
        SPARK_HOME=str(tmp_path / "spark"),
        MASTER_PORT=str(free_port()),
        CONNECT_PORT=str(free_port()),
    )


def test_job_ends_when_its_master_ends(fake_programs: dict[str, str]) -> None:
    status, error = run_job(fake_programs)
    assert status == 1
    assert error == "no memory\nerror: A process of Spark ended. See the messages above.\n"


def test_job_does_not_use_the_master_of_another_job(fake_programs: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", int(fake_programs["MASTER_PORT"]))):
        status, error = run_job(fake_programs)
    assert status == 1
    assert error.startswith(f"error: Port {fake_programs['MASTER_PORT']} of 127.0.0.1 is in use.")


def test_job_without_spark(fake_programs: dict[str, str]) -> None:
    status, error = run_job(fake_programs | {"SPARK_HOME": "/nowhere"})
    assert status == 1
    assert error == "error: SPARK_HOME: Must be the folder of Spark.\n"
