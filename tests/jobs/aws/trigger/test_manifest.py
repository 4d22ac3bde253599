from __future__ import annotations

import random
from dataclasses import replace

from jobs.aws.trigger.control_folder import ControlFolder
from jobs.aws.trigger.manifest import is_newer, make_manifest, read_manifest
from jobs.common.sources.manifests import find_manifest_files
from jobs.common.sources.source_table import iterate_sources
from tests.jobs.aws.trigger.events import event

KEYS = ("in/a.dcm", "in/a, b.dcm", 'in/"quoted".dcm', "in/two\nlines.dcm", " in/spaces ", "in/é")


def test_the_content_does_not_depend_on_the_order() -> None:
    events = [event(key, version_id="v1") for key in KEYS]
    shuffled = random.Random(1).sample(events, len(events))
    assert make_manifest(events) == make_manifest(shuffled)


def test_objects_and_bytes_are_counted() -> None:
    manifest = make_manifest([event(key, size=10) for key in KEYS])
    assert (manifest.objects, manifest.size) == (6, 60)


def test_a_run_reads_the_objects_with_their_versions(folder: ControlFolder) -> None:
    manifest = make_manifest([event(key, version_id="v1", etag="ab-2") for key in KEYS])
    folder.write_new(manifest.name, manifest.content)
    (file,) = find_manifest_files(folder.locate(manifest.name).uri)
    sources = [source for table in file.read(None) for source in iterate_sources(table)]
    assert {source.uri for source in sources} == {f"s3://raw/{key}" for key in KEYS}
    assert {(source.size, source.version) for source in sources} == {(100, "ab-2?versionId=v1")}


def test_a_manifest_is_read_back() -> None:
    events = [event(key) for key in KEYS]
    read = read_manifest(make_manifest(events).content)
    assert read.keys() == {e.object_key for e in events}


def test_events_of_the_previous_batch_are_not_newer() -> None:
    sent = event(version_id="v2", etag="0b", sequencer="02")
    listed = read_manifest(make_manifest([sent]).content)
    assert not is_newer(sent, listed)
    assert not is_newer(replace(sent, version_id="v1", etag="0a", sequencer="01"), listed)
    assert is_newer(replace(sent, version_id="v3", etag="0c", sequencer="03"), listed)
    assert is_newer(replace(sent, version_id="v3", etag="0c", sequencer=""), listed)
    assert is_newer(replace(sent, key="in/other.dcm"), listed)
