"""Nothing that a run leaves behind holds PHI, however much is logged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from jobs.common.keys.rotation import new_ring
from jobs.common.secrets.key_provider import read_key_material
from jobs.common.secrets.key_references import KeyReference
from jobs.common.secrets.key_writer import create_keys
from safelight.pseudonyms import Pseudonyms
from tests.faults.injection import Fault
from tests.faults.leak_hunt import (
    find_keys,
    find_leaks,
    find_statistics,
    find_unencrypted,
    find_words,
    spell_key,
    watched_processes,
)
from tests.faults.runs import PLANTED_WORDS, Place, complete, run, started
from tests.jobs.conftest import KEY

_LOG4J = """\
rootLogger.level = debug
rootLogger.appenderRef.file.ref = file
logger.spark.name = org.apache
logger.spark.level = debug
logger.delta.name = io.delta
logger.delta.level = debug
appender.file.type = File
appender.file.name = file
appender.file.fileName = {file}
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d %p %c: %m%n%ex
"""


def talkative(place: Place) -> list[str]:
    """Return Spark settings that log and record as much as possible below the place."""
    events, log, config = (
        place.folder / name for name in ("events", "spark.log", "log4j2.properties")
    )
    events.mkdir()
    config.write_text(_LOG4J.format(file=log))
    java = f"-XX:+UseSerialGC -Dlog4j2.configurationFile=file:{config}"
    settings = {
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": f"file:{events}",
        "spark.eventLog.logBlockUpdates.enabled": "true",
        "spark.driver.extraJavaOptions": java,
        "spark.sql.planChangeLog.level": "WARN",
        "spark.sql.debug.maxToStringFields": "1000",
    }
    return ["--spark-conf", *(f"{name}={value}" for name, value in settings.items())]


def allowed_files(place: Place) -> list[Path]:
    """Return the table that may hold the URIs of sources: its data, not its log."""
    return [path for path in Path(place.tables, "sources").glob("*.parquet")]


def assert_no_leak(place: Place) -> None:
    leaks = find_leaks(place.folder, PLANTED_WORDS, allowed_files(place))
    assert not leaks, f"PHI in {leaks}"
    assert find_leaks(Path(place.tables, "sources"), PLANTED_WORDS), "the hunt finds nothing"
    assert not find_keys(place.folder, secret_keys(place)), "a key in a file"
    assert not find_unencrypted(place.temporary)
    assert not find_statistics(Path(place.tables))


@pytest.fixture
def place(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Return a place whose runs use a key ring of random keys."""
    path = tmp_path_factory.mktemp("ring") / "key.json"
    create_keys(KeyReference("file", str(path)), new_ring())
    return place.changed(key_file=f"file:{path}")


def secret_keys(place: Place) -> list[bytes]:
    """Return the keys of a place, and the key derived from them that seals the originals."""
    material = read_key_material(place.key_file)
    ring = material.ring
    sealing_key = material.make_sealing_key(Pseudonyms(ring.key))
    return [*(key.key for key in ring.pseudonym_keys + ring.sealing_keys), sealing_key.key]


def hunt(place: Place) -> None:
    """Run with all logs on, watch the processes, and search all that is left."""
    with (
        started(place, arguments=talkative(place), debug=True) as begun,
        watched_processes(begun.process.pid) as watcher,
    ):
        begun.wait()
    assert begun.code == 0, begun.stderr
    assert list(place.folder.glob("events/*")) and (place.folder / "spark.log").stat().st_size
    for seen in (watcher.command_lines, watcher.environments):
        processes = b"\n".join(seen)
        assert not find_words(processes, PLANTED_WORDS)
        spellings = (one for key in secret_keys(place) for one in spell_key(key))
        assert not any(one in processes for one in spellings), "a key of a process"
    assert_no_leak(place)


def test_logs_events_plans_tables_and_processes_hold_no_phi(place: Place) -> None:
    hunt(place)


@pytest.mark.long
def test_logs_events_and_plans_of_the_text_stage_hold_no_phi(place: Place) -> None:
    hunt(place.changed(options=("--pixels", "off")))


@pytest.mark.long
def test_logs_of_a_run_on_s3_hold_no_phi(place_on_s3: Place) -> None:
    place = place_on_s3
    complete(place, [*talkative(place), "--log-format", "json"])
    assert not find_leaks(place.folder, [*PLANTED_WORDS, KEY.hex()])


@pytest.mark.long
@pytest.mark.parametrize("text", ["on", "off"])
def test_what_a_killed_run_leaves_in_temporary_folders_holds_no_phi(
    place: Place, text: str
) -> None:
    place = place.changed(options=("--pixels", "off", "--text", text))
    point = "safelight.deidentifier:Deidentifier." + ("rebuild" if text == "on" else "deidentify")
    kill = Fault(point, "kill_machine", count=6)
    run(place, kill)
    assert list(place.temporary.rglob("blockmgr*"))
    assert_no_leak(place)
    run(place, replace(kill, point="jobs.common.delta.tables.table_set:Tables.commit_files"))
    assert_no_leak(place)
