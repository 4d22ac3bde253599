"""Test the conversion of exceptions to refusals."""

from __future__ import annotations

from pathlib import Path

from safelight.records import Reason, Refusal


def _raised(message: str) -> Exception:
    try:
        raise KeyError(message)
    except KeyError as error:
        return error


def test_a_refusal_is_returned_unchanged() -> None:
    refusal = Refusal(Reason.TOO_DEEP, "the sequences are nested too deep")
    assert Refusal.from_exception(refusal) is refusal


def test_an_unexpected_exception_is_reduced_to_its_class_and_place() -> None:
    refusal = Refusal.from_exception(_raised("DOE^JANE"))
    assert refusal.reason is Reason.INTERNAL_ERROR
    assert "KeyError at test_records:" in refusal.sentence
    assert "DOE" not in refusal.sentence


def test_the_documentation_explains_every_reason_code() -> None:
    page = Path(__file__).parents[1].joinpath("docs", "reason-codes.md").read_text(encoding="utf-8")
    assert [reason.value for reason in Reason if f"| `{reason.value}` |" not in page] == []


def test_a_lack_of_memory_has_a_reason_of_its_own() -> None:
    assert Refusal.from_exception(MemoryError()).reason is Reason.OBJECT_MEMORY


def test_an_exception_that_was_never_raised_has_no_place() -> None:
    assert "unknown place" in Refusal.from_exception(ValueError("DOE")).sentence
