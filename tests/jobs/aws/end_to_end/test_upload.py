"""An upload on its way: event, queue, function, run, clean bucket, tables and data store."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

from jobs.aws.submit.launchers.base import SubmittedRun
from jobs.aws.submit.launchers.emr_serverless import EmrServerlessLauncher
from jobs.aws.submit.staging import plan_staging, stage
from jobs.aws.submit.waiting import wait_for_end
from jobs.common.aws.clients import get_client
from jobs.common.aws.healthimaging_rates import FACTOR_VARIABLE
from jobs.common.cli.exit_codes import ExitCode
from jobs.common.storage import s3_client
from tests.cluster.distribution import shared_distribution
from tests.conf.aws.policies import make_account
from tests.faults.conftest import STUDY
from tests.faults.leak_hunt import expand, find_words
from tests.faults.runs import PLANTED_WORDS
from tests.jobs.aws.end_to_end.event_source import receive, settle
from tests.jobs.aws.end_to_end.job_runner import JobRun, JobRunner
from tests.jobs.aws.end_to_end.recorded_requests import Recorder
from tests.jobs.aws.end_to_end.system import System
from tests.jobs.aws.healthimaging_server import HealthImaging
from tests.jobs.aws.healthimaging_store import DataStore
from tests.jobs.aws.lambda_runtime import LambdaFunction, lambda_function

#: Role that HealthImaging uses for import jobs.
IMPORT_ROLE = "arn:aws:iam::123456789012:role/importer"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("end-to-end")


@pytest.fixture(scope="module")
def system(s3_server: dict[str, str]) -> Iterator[System]:
    """Return the deployed system, with the distribution in its bucket."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in s3_server.items():
            patch.setenv(name, value)
        s3_client.get_client.cache_clear()
        system = System(s3_server)
        staging = f"s3://{system.bucket('artifacts')}/distribution/"
        plan = plan_staging(str(shared_distribution()), staging)
        system.release_uri = plan.location.uri
        system.deploy()
        stage(plan)
        yield system
        s3_client.get_client.cache_clear()


@pytest.fixture(scope="module")
def recorder(system: System) -> Iterator[Recorder]:
    """Record the requests of all programs."""
    recorder = Recorder(system.environment["AWS_ENDPOINT_URL"], system.name)
    recorder.start()
    yield recorder
    recorder.stop()


@pytest.fixture(scope="module")
def function(
    system: System, recorder: Recorder, function_code: Path, folder: Path
) -> Iterator[LambdaFunction]:
    """Run the function of the trigger with the settings of the template."""
    given = system.function
    variables = given["Variables"] | system.identify("trigger")
    with lambda_function(given["Handler"], folder, function_code, variables) as function:
        yield function


@pytest.fixture(scope="module")
def uploaded(system: System) -> list[str]:
    """Upload a study, and return the keys."""
    return system.upload(STUDY)


@pytest.fixture(scope="module")
def records(system: System, uploaded: list[str]) -> list[dict[str, Any]]:
    """Return the messages of the upload."""
    return receive(system)


@pytest.fixture(scope="module")
def answer(
    system: System, function: LambdaFunction, records: list[dict[str, Any]]
) -> dict[str, Any]:
    """Deliver the messages, and return the answer of the function."""
    answer: dict[str, Any] = function.invoke({"Records": records})
    settle(system, records, set())
    return answer


@pytest.fixture(scope="module")
def done(system: System, answer: dict[str, Any], folder: Path) -> JobRun:
    """Execute the run that the function has started."""
    (run,) = system.list_runs()
    return JobRunner(system, folder / "runs").execute(run, "job")


@dataclass
class Import:
    """Import of the clean objects into a data store.

    Attributes
    ----------
    datastore : DataStore
    command : subprocess.CompletedProcess
    """

    datastore: DataStore
    command: subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def imported(
    done: JobRun, system: System, healthimaging_server: HealthImaging, folder: Path
) -> Import:
    """Import what the run has written, with the environment that the run has used."""
    datastore = healthimaging_server.add_store()
    words = [
        "healthimaging", "import", "--datastore", datastore.id, "--role", IMPORT_ROLE,
        "--tables", f"s3://{system.bucket('tables')}/tables",
        "--staging", f"s3://{system.bucket('control')}/import",
        "--lease", f"{system.name}-lease", "--poll-seconds", "0.1",
    ]  # fmt: skip
    (python,) = (folder / "runs").glob("*/environment/bin/python")
    command = subprocess.run(
        [str(python), "-m", "jobs.cli", *words],
        cwd=folder,
        env={"PATH": os.environ["PATH"]}
        | system.identify("importer")
        | healthimaging_server.environment
        | {FACTOR_VARIABLE: "1000"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return Import(datastore, command)


def run_command(system: System, role: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command on this machine with the credentials of a role."""
    return subprocess.run(
        [sys.executable, "-m", "jobs.cli", *words],
        cwd=Path(__file__).parents[4],
        env={**os.environ, **system.environment, **system.identify(role)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture(scope="module")
def released(done: JobRun, system: System) -> subprocess.CompletedProcess[str]:
    """Make a release of what the run has written."""
    return run_command(
        system, "exporter", "export", "--release", "first",
        "--tables", f"s3://{system.bucket('tables')}/tables",
        "--output", f"s3://{system.bucket('clean')}/releases",
        "--lease", f"{system.name}-lease", "--include-unverified",
    )  # fmt: skip


@pytest.fixture(scope="module")
def reidentified(done: JobRun, system: System) -> subprocess.CompletedProcess[str]:
    """Look up the originals of one patient."""
    patient = read_table(system, "tables", "tables/catalog")[0]["patient_pseudonym"]
    return run_command(
        system, "reidentifier", "reidentify", "--reason", "test", "--patient", patient,
        "--tables", f"s3://{system.bucket('tables')}/tables",
        "--mapping", f"s3://{system.bucket('restricted')}/restricted",
        "--mapping-store", f"dynamodb:{system.name}-mapping",
        "--key", system.function["Variables"]["SAFELIGHT_KEY"],
        "--lease", f"{system.name}-lease",
    )  # fmt: skip


def read_table(system: System, kind: str, path: str) -> list[dict[str, Any]]:
    options = {**system.environment, "AWS_ALLOW_HTTP": "true"}
    table = DeltaTable(f"s3://{system.bucket(kind)}/{path}", storage_options=options)
    rows: list[dict[str, Any]] = table.to_pyarrow_table().to_pylist()
    return rows


def test_the_events_of_a_study_start_one_run(answer: dict[str, Any], system: System) -> None:
    assert answer == {"batchItemFailures": [], "decision": "started"}
    (run,) = system.list_runs()
    assert run["jobDriver"]["sparkSubmit"]["entryPointArguments"][0] == "deidentify"


def test_the_run_writes_clean_objects_and_tables(done: JobRun, system: System) -> None:
    assert done.code == 0, done.stderr
    counts = json.loads(done.stdout.splitlines()[-1])
    assert (counts["seen"], counts["deidentified"]) == (16, 11)
    clean = system.list_objects("clean")
    instances = read_table(system, "tables", "tables/instances")
    written = {row["output_uri"] for row in instances if row["output_uri"]}
    assert written == {f"s3://{system.bucket('clean')}/{key}" for key in clean}
    (run,) = read_table(system, "tables", "tables/runs")
    assert run["run_id"].startswith("upload-")


def test_launcher_reads_the_last_line_of_the_run(
    done: JobRun, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in system.environment.items():
        monkeypatch.setenv(name, value)
    get_client.cache_clear()
    (run,) = system.list_runs()
    stored = run["configurationOverrides"]["monitoringConfiguration"]["s3MonitoringConfiguration"]
    application, run_id = run["applicationId"], run["jobRunId"]
    logs = f"{stored['logUri'].rstrip('/')}/applications/{application}/jobs/{run_id}/"
    submitted = SubmittedRun("emr-serverless", run_id, run["name"], logs, application)
    finished = wait_for_end(EmrServerlessLauncher(), submitted)
    get_client.cache_clear()
    assert (finished.exit_code, finished.last_line) == (0, done.stdout.splitlines()[-1])


def test_sources_are_recorded_with_their_versions(
    done: JobRun, system: System, uploaded: list[str]
) -> None:
    sources = read_table(system, "restricted", "restricted/sources")
    raw = system.bucket("raw")
    assert {row["source_uri"] for row in sources} <= {f"s3://{raw}/{key}" for key in uploaded}
    assert sources


def test_the_end_of_the_run_ends_the_batch(
    done: JobRun, system: System, function: LambdaFunction
) -> None:
    event = {"source": "aws.emr-serverless", "detail-type": "EMR Serverless Job Run State Change"}
    assert function.invoke(event) == {"decision": "collecting"}
    (batch,) = [item for item in system.list_items("batches") if "state" in item]
    assert batch["state"] == {"S": "done"}


def test_the_same_messages_again_start_no_run(
    done: JobRun, system: System, function: LambdaFunction, records: list[dict[str, Any]]
) -> None:
    answer = function.invoke({"Records": records})
    assert answer == {"batchItemFailures": [], "decision": "collecting"}
    assert len(system.list_runs()) == 1


def test_clean_objects_are_imported_and_recorded(imported: Import, system: System) -> None:
    assert imported.command.returncode == 0, imported.command.stderr
    instances = read_table(system, "tables", "tables/instances")
    written = {row["sop_uid"] for row in instances if row["output_uri"]}
    stored = [uid for one in imported.datastore.image_sets.values() for uid in one.instances]
    assert sorted(stored) == sorted(written)
    imports = read_table(system, "tables", "tables/imports")
    assert {row["sop_uid"]: row["status"] for row in imports} == dict.fromkeys(written, "imported")
    assert all(row["released"] for row in imports)
    results = system.list_objects("control", "import/")
    assert any(key.endswith("/job-output-manifest.json") for key in results)


@pytest.mark.parametrize("role", ["trigger", "job", "importer"])
def test_the_role_of_a_program_allows_what_it_does(
    role: str, imported: Import, recorder: Recorder, function: LambdaFunction
) -> None:
    assert function.invoke({"source": "aws.events"}) == {"decision": "collecting"}
    account = make_account()
    actions = recorder.read(role)
    denied = [
        f"{action.name} on {action.resource}"
        for action in actions
        if not account.allows(role, action.name, action.resource, **dict(action.context))
    ]
    assert actions
    assert sorted(denied) == []


def test_the_role_of_the_exporter_allows_a_release(
    released: subprocess.CompletedProcess[str], recorder: Recorder, system: System
) -> None:
    assert released.returncode == 0, released.stderr
    assert system.list_objects("clean", "releases/first/")
    actions = recorder.read("exporter")
    account = make_account()
    denied = [
        f"{action.name} on {action.resource}"
        for action in actions
        if not account.allows("exporter", action.name, action.resource, **dict(action.context))
    ]
    assert actions
    assert sorted(denied) == []


def test_the_role_of_the_reidentifier_allows_a_lookup(
    reidentified: subprocess.CompletedProcess[str], recorder: Recorder
) -> None:
    assert reidentified.returncode == ExitCode.FINDINGS, reidentified.stderr  # it is unknown
    actions = recorder.read("reidentifier")
    account = make_account()
    denied = [
        f"{action.name} on {action.resource}"
        for action in actions
        if not account.allows("reidentifier", action.name, action.resource, **dict(action.context))
    ]
    assert "dynamodb:Query" in {action.name for action in actions}
    assert sorted(denied) == []


def test_phi_is_only_where_it_belongs(
    done: JobRun, imported: Import, system: System, function: LambdaFunction
) -> None:
    assert receive(system) == []
    assert system.list_items("mapping")
    places: dict[str, bytes] = {
        "log of the function": function.log.encode(),
        "output of the run": (done.stdout + done.stderr).encode(),
        "output of the import": (imported.command.stdout + imported.command.stderr).encode(),
        "job runs": json.dumps(system.list_runs(), default=str).encode(),
        "batches": json.dumps(system.list_items("batches")).encode(),
        "leases": json.dumps(system.list_items("lease")).encode(),
        "mapping": json.dumps(system.list_items("mapping"), default=str).encode(),
    }
    for kind in ("clean", "tables", "control", "artifacts"):
        for key, content in system.list_objects(kind).items():
            if kind == "control" and key.startswith("trigger/"):
                continue  # manifests name uploads
            if kind == "artifacts" and key.endswith((".jar", ".tar.gz")):
                continue
            places[f"{kind}: {key}"] = key.encode() + b"\n" + content
    for one in imported.datastore.image_sets.values():
        for uid, instance in one.instances.items():
            places[f"data store: {uid}"] = instance.data
    words = [*PLANTED_WORDS, system.key.hex()]
    leaks = {
        place: found
        for place, content in places.items()
        if (found := {w for part in expand(content) for w in find_words(part, words)})
    }
    assert not leaks
