from __future__ import annotations

import subprocess
from pathlib import Path

from tests.cluster.standalone import SPARK_HOME, StandaloneCluster, standalone_cluster

_COUNT = """\
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
print(spark.range(10, numPartitions=2).rdd.map(lambda row: row.id).sum())
spark.stop()
"""


def test_two_workers_are_registered_with_one_core_each(cluster: StandaloneCluster) -> None:
    assert [worker["cores"] for worker in cluster.alive_workers()] == [1, 1]


def submit(
    cluster: StandaloneCluster, folder: Path, *options: str
) -> subprocess.CompletedProcess[str]:
    program = folder / "count.py"
    program.write_text(_COUNT)
    command = [str(SPARK_HOME / "bin" / "spark-submit"), "--master", cluster.master]
    command += ["--conf", "spark.executor.memory=512m", *options, str(program)]
    return subprocess.run(
        command, cwd=folder, env=cluster.environment, capture_output=True, text=True, check=False
    )


def test_a_client_with_the_secret_is_served(cluster: StandaloneCluster, tmp_path: Path) -> None:
    done = submit(cluster, tmp_path)
    assert done.stdout == "45\n", done.stderr
    assert cluster.secret not in done.stderr


def test_no_process_outlives_the_cluster(tmp_path: Path) -> None:
    with standalone_cluster(tmp_path / "cluster", workers=1) as running:
        started = [worker.process.pid for worker in running.workers]
        assert all(Path(f"/proc/{pid}").exists() for pid in started)
    assert not any(Path(f"/proc/{pid}").exists() for pid in started)
