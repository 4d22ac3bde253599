"""The command line of the README of the distribution, on a cluster without the source tree."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

from deltalake import DeltaTable

from tests.cluster.distribution import install_distribution, read_command
from tests.cluster.standalone import StandaloneCluster

ROOT = Path(__file__).parents[2]
STUDY = ROOT / "tests" / "data" / "study"


def test_the_command_of_the_readme_runs_on_the_packaged_environment(
    cluster: StandaloneCluster, distribution: Path, tmp_path: Path
) -> None:
    folder = install_distribution(distribution, tmp_path / "dist", cluster)
    (tmp_path / "key.hex").write_text("5afe1194" * 8)
    command = read_command(
        folder, cluster, input=str(STUDY), output=str(tmp_path / "out"),
        tables=str(tmp_path / "tables"), key=f"file:{tmp_path}/key.hex",
    )  # fmt: skip
    done = subprocess.run(
        [*command, "--pixels", "off", "--text", "off"], cwd=folder, env=cluster.environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout.splitlines()[-1])
    assert (counts["seen"], counts["deidentified"]) == (16, 11)
    objects = {str(path): path.read_bytes() for path in (tmp_path / "out").rglob("*.dcm")}
    instances = DeltaTable(str(tmp_path / "tables" / "instances")).to_pyarrow_table().to_pylist()
    written = {row["output_uri"]: row["output_sha256"] for row in instances if row["output_uri"]}
    assert written == {uri: hashlib.sha256(data).hexdigest() for uri, data in objects.items()}
    logs = "".join(log.read_text(errors="replace") for log in cluster.executor_logs())
    assert f"{ROOT}/jobs" not in logs
    assert cluster.secret not in logs + done.stderr
