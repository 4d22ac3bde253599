from __future__ import annotations

import pytest

from tests.headers.objects import (
    deidentify,
    make_code,
    make_object,
)


def test_context_group_version_is_not_shifted() -> None:
    code = make_code("T-D3000", "SRT", "Chest")
    code.ContextGroupVersion = "20020904"
    new, _ = deidentify(make_object(ProcedureCodeSequence=[code]))
    assert new.ProcedureCodeSequence[0].ContextGroupVersion == "20020904"


@pytest.mark.parametrize(
    ("age", "expected"), [("089Y", "089Y"), ("090Y", "090Y"), ("101Y", "090Y"), ("013M", "013M")]
)
def test_ages_over_89_become_90(age: str, expected: str) -> None:
    assert deidentify(make_object(PatientAge=age))[0].PatientAge == expected


def test_accession_number_becomes_token_that_is_recorded() -> None:
    new, result = deidentify(make_object(AccessionNumber="A7731904"))
    [pair] = [pair for pair in result.mappings if pair.kind == "accession"]
    assert (pair.original, pair.pseudonym) == ("A7731904", new.AccessionNumber)
