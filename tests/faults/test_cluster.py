"""Runs on a standalone cluster whose processes are killed, with the packaged environment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cluster.distribution import install_distribution, link_distribution, read_command
from tests.cluster.standalone import StandaloneCluster, standalone_cluster
from tests.faults.conftest import STUDY
from tests.faults.injection import FAULTS_VARIABLE, HOOKS, Fault, Plan
from tests.faults.outcomes import Outcome, assert_consistent, assert_equal, read_outcome
from tests.faults.runs import Place, complete, run
from tests.faults.test_kills import WORKER_POINTS, describe, seeded_kills


@dataclass(frozen=True)
class ClusterPlace(Place):
    """Place of runs that the command of the README submits to a cluster.

    Attributes
    ----------
    cluster : StandaloneCluster
    distribution : Path
        Folder of the distribution, with the secret of the cluster.
    conf : tuple of str
        Further settings of Spark.
    """

    cluster: StandaloneCluster = None  # type: ignore[assignment]
    distribution: Path = None  # type: ignore[assignment]
    conf: tuple[str, ...] = ()

    def command(self, plan: Plan) -> list[str]:
        """Return the command; the hooks are on the path of the executors, the sources are not."""
        submit, *words = read_command(
            self.distribution, self.cluster, input=self.input, output=self.output,
            tables=self.tables, key=self.key_file,
        )  # fmt: skip
        settings = {
            "spark.executorEnv.PYTHONPATH": str(HOOKS),
            f"spark.executorEnv.{FAULTS_VARIABLE}": plan.to_json(),
        }
        conf = [f"{name}={value}" for name, value in settings.items()] + list(self.conf)
        added = [word for setting in conf for word in ("--conf", setting)]
        return [submit, *added, *words, *self.options]

    def variables(self, plan: Plan) -> dict[str, str]:
        """Return the environment of a client of the cluster."""
        faults = {"PYTHONPATH": str(HOOKS), FAULTS_VARIABLE: plan.to_json()}
        return {**self.cluster.environment, **faults, **self.environment}

    def working_folder(self, log: Path) -> Path:
        """Return the folder of the distribution, which the paths of its settings refer to."""
        return self.distribution


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandaloneCluster]:
    """Run a master and two workers of one core each."""
    with standalone_cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture(scope="module")
def distribution(cluster: StandaloneCluster, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an installed distribution."""
    folder = tmp_path_factory.mktemp("distribution")
    linked = link_distribution(folder / "dist")
    return install_distribution(linked, folder / "installed", cluster)


@pytest.fixture
def cluster_place(
    tmp_path: Path, fault_key: str, cluster: StandaloneCluster, distribution: Path
) -> ClusterPlace:
    """Return a new place for runs on the cluster."""
    uri = f"{tmp_path}/place"
    return ClusterPlace(
        tmp_path, str(STUDY), fault_key, uri, cluster=cluster, distribution=distribution
    )


def assert_completed(place: Place, expected: Outcome) -> None:
    assert_consistent(place)
    assert_equal(read_outcome(place), expected)


@pytest.mark.long
def test_a_run_on_the_cluster_leaves_what_a_local_one_leaves(
    cluster_place: ClusterPlace, undisturbed: Outcome
) -> None:
    complete(cluster_place)
    assert_completed(cluster_place, undisturbed)


@pytest.mark.long
@pytest.mark.parametrize(
    "kill", seeded_kills(2 * len(WORKER_POINTS), on_cluster=True), ids=describe
)
def test_the_same_command_completes_a_run_that_was_killed_on_the_cluster(
    cluster_place: ClusterPlace, undisturbed: Outcome, kill: Fault
) -> None:
    run(cluster_place, kill)
    complete(cluster_place)
    assert_completed(cluster_place, undisturbed)


@pytest.mark.long
@pytest.mark.parametrize("point", [point for point, _ in WORKER_POINTS])
def test_a_run_goes_on_after_the_loss_of_an_executor(
    cluster_place: ClusterPlace, undisturbed: Outcome, point: str
) -> None:
    done = run(cluster_place, Fault(point, "kill_executor", "after", 3, role="worker"))
    assert done.code == 0, done.stdout + done.stderr
    assert done.summary["seen"] == 16
    assert_completed(cluster_place, undisturbed)


@pytest.mark.long
def test_speculative_tasks_write_nothing_twice(
    cluster_place: ClusterPlace, undisturbed: Outcome
) -> None:
    conf = ("spark.speculation=true", "spark.speculation.interval=100ms",
            "spark.speculation.quantile=0.1", "spark.speculation.multiplier=1.1",
            "spark.speculation.minTaskRuntime=100ms")  # fmt: skip
    place = cluster_place.changed(conf=conf)
    slow = Fault(
        "jobs.common.run.outputs:store_output", "sleep", "after", 2, role="worker", argument=8
    )
    done = run(place, slow)
    assert done.code == 0, done.stdout + done.stderr
    assert_completed(place, undisturbed)
