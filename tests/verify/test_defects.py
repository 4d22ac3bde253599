"""Defects and hashes of values."""

from __future__ import annotations

from safelight.verify.defects import Check, ValueHasher


def test_a_hash_depends_on_key_and_value() -> None:
    first, second = ValueHasher(b"a" * 32), ValueHasher(b"b" * 32)
    assert len({first("x"), first("y"), second("x")}) == 3
    assert first("x") == ValueHasher(b"a" * 32)("x")


def test_a_hash_is_empty_without_a_key() -> None:
    assert ValueHasher()("x") == ""


def test_a_lone_surrogate_can_be_hashed() -> None:
    assert len(ValueHasher(b"a" * 32)("\ud800")) == 32


def test_the_stored_values_of_checks_are_stable() -> None:
    assert {check.value for check in Check} == {
        "unreadable", "tables", "file_head", "forbidden", "identifier", "profile", "private", "uid",
        "marks", "date", "text", "pixels", "leak", "uid_link", "date_interval", "unchecked",
        "required",
    }  # fmt: skip
