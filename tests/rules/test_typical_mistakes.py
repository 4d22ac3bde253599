"""Typical mistakes in rules files: each error has a position and says what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from safelight.rules import RulesError, load_rules

_HEAD = "name: a\nversion: '1'\nprofile: basic\n"


def _entry(tag: str, action: str = "remove") -> str:
    return f"elements:\n  - tag: {tag}\n    action: {action}\n"


@pytest.mark.parametrize(
    ("body", "line", "column", "expected"),
    [
        (_entry("PatientsName"), 5, 10, "did you mean PatientName?"),
        (_entry("patientname"), 5, 10, "did you mean PatientName?"),
        (_entry("00100010"), 5, 10, "did you mean (0010,0010)?"),
        (_entry("0010,0010"), 5, 10, "did you mean (0010,0010)?"),
        (_entry("(10,10)"), 5, 10, "did you mean (0010,0010)?"),
        (_entry("10:10"), 5, 10, "did you mean (0010,0010)?"),
        (_entry("0010-0010"), 5, 10, "did you mean (0010,0010)?"),
        (_entry("0x00100010"), 5, 10, "did you mean (0010,0010)?"),
        (_entry("“PatientName”"), 5, 10, "did you mean PatientName?"),
        (_entry("pn"), 5, 10, "instead of pn"),
        (_entry("'{pn}'"), 5, 10, "did you mean {PN}?"),
        (_entry("'{PM}'"), 5, 10, "did you mean"),
        (_entry("'{XX}'"), 5, 10, "a VR (AE, AS, "),
        (_entry("{PN}"), 5, 10, "braces or brackets in quotation marks"),
        (_entry("*"), 5, 11, "begins with * or & in quotation marks"),
        (_entry("(0019,ACME MR,0c)"), 5, 10, 'did you mean (0019,"ACME MR",0c)?'),
        (_entry("""'(0019,"ACME",100c)'"""), 5, 10, 'did you mean (0019,"ACME",0c)?'),
        (_entry("(0019,0010)"), 5, 10, "a private element such as (0019,100f)"),
        ("elements: [{tag: (0010,0010), action: keep}]", 4, 24, "a comma in quotation marks"),
        (_entry("PatientName", "delete"), 6, 13, "did you mean remove?"),
        (_entry("PatientName", "Remove"), 6, 13, "did you mean remove?"),
        (_entry("PatientName", "generalize"), 6, 13, "did you mean generalise?"),
        (_entry("StudyDate", "jitter"), 6, 13, "did you mean shift?"),
        ("elements:\n\t- tag: PatientName", 5, 1, "not with a tab"),
        ("elements:\n  - tag: a\n   action: keep", 6, 4, "to the same column"),
        ("elements:\n  tag: a\n  action: keep", 5, 3, "begin each entry with -"),
        ("elements:\n  - tag:a\n    action: keep", 6, 11, "a colon and a space behind it"),
        ("elements:\n  - {tag: \"a, action: keep}", 5, 28, "a quotation mark is not closed"),
        ("elements:\n  - {tag: a, action: keep", 6, 1, "a brace or a bracket is not closed"),
        ("default: keep\ndefault: remove", 5, 1, "the key default only once"),
        ("options: [clean_pixeldata]", 4, 11, "did you mean clean_pixel_data?"),
        ("options: [113120]", 4, 11, "did you mean 113112?"),
        ("element: []", 4, 1, "did you mean elements?"),
        ("filters: [{reject: {Modality: CT}, reason: a}]", 4, 31, "such as {equals"),
        ("filters: [{reject: {Modalty: {equals: CT}}}]", 4, 21, "did you mean Modality?"),
        ("text: {entities: {NAMES: mask}}", 4, 19, "did you mean NAME?"),
        ("extends: reserch", 4, 10, "did you mean research?"),
        ("extends: missing.yaml", 4, 10, "a rules file that exists"),
        ("elements:\n  - tag:\u00a0a\n    action: keep", 6, 11, "replace the no-break space"),
        ("dates: {shift_days: [1:30, 200]}", 4, 22, "an integer for shift_days[0]"),
        (f"dates: {{shift_days: [{'9' * 5000}, 200]}}", 4, 22, "an integer for shift_days[0]"),
        ("elements: [{tag: KVP, action: round, to: 0x10}]", 4, 42, "a number"),
        ("elements: [{tag: KVP, action: round, to: .inf}]", 4, 42, "a number"),
        ("add: [{tag: StudyID, value: ''}]", 4, 29, "an empty one creates no element"),
        ("description: a\x07b", 4, 15, "a character that YAML does not allow"),
    ],
)  # fmt: skip
def test_a_mistake_is_explained_at_its_position(
    tmp_path: Path, body: str, line: int, column: int, expected: str
) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(_HEAD + body, encoding="utf-8")
    with pytest.raises(RulesError) as raised:
        load_rules(file)
    error = raised.value
    assert expected in error.expected
    assert (error.line, error.column) == (line, column)
    assert error.file == str(file)


def test_another_encoding_is_explained_at_its_position(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_bytes(f"{_HEAD}description: Universit\u00e4t\n".encode("latin-1"))
    with pytest.raises(RulesError) as raised:
        load_rules(file)
    assert "UTF-8" in raised.value.expected
    assert (raised.value.line, raised.value.column) == (4, 23)


def test_an_unknown_profile_is_explained() -> None:
    with pytest.raises(RulesError, match=r"line 3, column 10: .*did you mean basic\?"):
        load_rules("name: a\nversion: '1'\nprofile: basc\n")
