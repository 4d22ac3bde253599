"""Input that attacks costs itself, not its neighbors."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.conftest import STUDY
from tests.faults.injection import Fault
from tests.faults.leak_hunt import watched_processes
from tests.faults.outcomes import read_table
from tests.faults.poison import POISON, marked, write_poison
from tests.faults.runs import Place, Run, started

STEP = "safelight.deidentifier:Deidentifier.deidentify"

#: Objects that fault when the engine has their bytes in hand, and the reason code they end with.
FAULTING = {
    "segfault": "decoder_crash",
    "spin": "object_timeout",
    "sleep": "object_timeout",
    "hog": "object_memory",
}

LIMITS = ("--object-seconds", "20", "--object-memory", "700M")

#: No Python process may need more: modules and models, and the memory of one object.
PEAK_MAX_BYTES = 1700 << 20


def write_neighbors(folder: Path) -> int:
    """Copy good objects and return their number."""
    shutil.copytree(STUDY / "doe-archibald", folder / "a")
    shutil.copytree(STUDY / "doe-peter", folder / "z")
    return sum(path.is_file() for path in folder.rglob("*"))


def outcomes_by_name(place: Place) -> dict[str, tuple[str, str]]:
    """Return status and reason code of each source by the name of its file."""
    uris = {row["source_id"]: row["source_uri"] for row in read_table(place, "sources")}
    return {
        Path(uris[row["source_id"]]).name: (row["status"], row["reason_code"])
        for row in read_table(place, "instances")
    }


def watch(place: Place, *faults: Fault) -> tuple[Run, int]:
    """Run and return the largest resident set of a Python process."""
    with started(place, *faults) as begun, watched_processes(begun.process.pid) as watcher:
        begun.wait()
    assert begun.code == 0, begun.stdout + begun.stderr
    return begun, watcher.peak_bytes


@pytest.mark.parametrize("pixels", ["off", pytest.param("on", marks=pytest.mark.long)])
def test_bombs_and_lies_are_quarantined_and_the_others_done(place: Place, pixels: str) -> None:
    folder = place.folder / "in"
    neighbors = write_neighbors(folder)
    write_poison(folder / "poison")
    os.mkfifo(folder / "pipe")
    (folder / "endless").symlink_to("/dev/zero")
    (folder / "link-to-pipe").symlink_to(folder / "pipe")
    options = ("--pixels", pixels, "--text", "off", *LIMITS)
    place = place.changed(input=str(folder), options=options)
    _, peak = watch(place)
    found = outcomes_by_name(place)
    assert Counter(
        found[path.name][0] for path in folder.rglob("*") if path.parent.name in ("ct", "mr")
    ) == {"deidentified": neighbors}  # noqa: E501
    if pixels == "on":
        assert not [name for name in POISON if found[name][0] == "deidentified"]
    assert not [name for name in POISON if found[name][1] == "internal_error"]
    assert found["deflate-bomb"][1] in ("too_large", "object_memory", "truncated")
    assert "pipe" not in found
    assert peak < PEAK_MAX_BYTES, f"{peak >> 20} MB"


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.long) for name in FAULTING])
def test_an_object_that_ends_or_holds_its_worker_is_quarantined_alone(
    place: Place, name: str
) -> None:
    folder = place.folder / "in"
    neighbors = write_neighbors(folder)
    (folder / "faulting").write_bytes(marked(f"MARK-{name}"))
    place = place.changed(
        input=str(folder), options=(*place.options, "--object-seconds", "5", *LIMITS[2:])
    )  # noqa: E501
    fault = Fault(STEP, name, contains=f"MARK-{name}", repeat=True, argument=100)
    watch(place, fault)
    found = outcomes_by_name(place)
    assert found.pop("faulting") == ("quarantined", FAULTING[name])
    assert Counter(status for status, _ in found.values()) == {"deidentified": neighbors}


@pytest.mark.long
def test_a_file_that_changes_while_it_is_read_is_not_written(place: Place) -> None:
    folder = place.folder / "in"
    write_neighbors(folder)
    target = sorted(folder.rglob("*.dcm"))[1]
    place = place.changed(input=str(folder))
    change = Fault(
        "jobs.common.storage.objects:read_object", "rewrite", contains=target.name,
        argument=str(target), role="worker",
    )  # fmt: skip
    watch(place, change)
    assert outcomes_by_name(place)[target.name] == ("quarantined", "unreadable_source")
