from __future__ import annotations

from jobs.aws.healthimaging.imports.chunks import ChunkLimits
from jobs.aws.healthimaging.imports.in_place import find_in_place
from jobs.common.storage import s3_client
from tests.jobs.aws.healthimaging.items import make_item, put_output


def test_the_folder_of_all_objects_is_one_chunk(bucket: str) -> None:
    items = sorted(put_output(f"s3://{bucket}/out", n, study=n) for n in (1, 2))
    chunks = find_in_place(items, "d", ChunkLimits())
    assert [chunk.input_uri for chunk in chunks] == [f"s3://{bucket}/out/"]


def test_each_study_that_holds_nothing_else_is_one_chunk(bucket: str) -> None:
    items = sorted(put_output(f"s3://{bucket}/out", n, study=n) for n in (1, 2, 3))
    s3_client.get_client().put_object(Bucket=bucket, Key="out/2.25.102/other", Body=b"")
    chunks = find_in_place(items, "d", ChunkLimits())
    folders = [f"s3://{bucket}/out/2.25.10{n}/" for n in (1, 3)]
    assert [chunk.input_uri for chunk in chunks] == folders


def test_a_folder_above_the_limits_is_copied(bucket: str) -> None:
    items = sorted(put_output(f"s3://{bucket}/out", n) for n in (1, 2))
    assert not list(find_in_place(items, "d", ChunkLimits(files=1)))


def test_a_bucket_is_not_imported_as_a_whole(bucket: str) -> None:
    items = [put_output(f"s3://{bucket}", 1)]
    chunks = find_in_place(items, "d", ChunkLimits())
    assert [chunk.input_uri for chunk in chunks] == [f"s3://{bucket}/2.25.101/"]


def test_local_outputs_are_copied() -> None:
    items = [make_item(1, uri="/out/2.25.101/2.25.201/2.25.301.dcm")]
    assert not list(find_in_place(items, "d", ChunkLimits()))
