from __future__ import annotations

from jobs.common.storage.pinned_version import ObjectVersion, pin_version, split_version


def test_a_pinned_version_has_both_parts() -> None:
    assert split_version(pin_version("abc-2", "null")) == ObjectVersion("abc-2", "null")


def test_a_version_without_id_is_the_etag() -> None:
    assert pin_version("abc", None) == "abc"
    assert split_version("abc") == ObjectVersion("abc", None)


def test_a_missing_object_has_no_version() -> None:
    assert pin_version("", "id") == ""
