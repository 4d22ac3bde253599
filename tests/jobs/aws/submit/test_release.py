from __future__ import annotations

import pytest

from jobs.aws.submit.release import Release, image_release, read_release


@pytest.mark.parametrize(
    "release",
    [
        Release("s3://b/main.py", "s3://b/e.tar.gz", ("s3://b/a.jar",), "s3://b/log4j2.properties"),
        image_release(),
    ],
)
def test_release_is_read_as_it_was_written(release: Release) -> None:
    assert read_release(release.to_json()) == release


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"entry_point": "x", "environment": null}'])
def test_other_files_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="stage dist/ again"):
        read_release(text)


def test_release_without_settings_of_the_log_is_read() -> None:
    text = '{"entry_point": "s3://b/main.py", "environment": null, "jars": []}'
    assert read_release(text) == Release("s3://b/main.py")
