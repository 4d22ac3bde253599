from __future__ import annotations

from pathlib import Path

from tests.cluster.standalone import StandaloneCluster, standalone_cluster


def test_two_workers_are_registered_with_one_core_each(cluster: StandaloneCluster) -> None:
    assert [worker["cores"] for worker in cluster.alive_workers()] == [1, 1]


def test_the_secret_is_on_no_command_line(cluster: StandaloneCluster) -> None:
    lines = [
        path.read_bytes() for path in (Path("/proc", str(pid), "cmdline") for pid in cluster.pids)
    ]
    assert len(lines) >= 3
    assert not any(cluster.secret.encode() in line for line in lines)


def test_no_process_outlives_the_cluster(tmp_path: Path) -> None:
    with standalone_cluster(tmp_path / "cluster", workers=0) as running:
        started = running.pids
        assert started
    assert not running.pids
    assert not any(Path(f"/proc/{pid}").exists() for pid in started)
