"""Findings of the linter: contradictions and probable mistakes."""

import pytest

from safelight.rules import load_rules, parse_rules
from safelight.rules.lint import has_errors, lint

HEAD = "name: mine\nversion: 1\nprofile: basic\n"


def findings(body, head=HEAD):
    return [str(one) for one in lint(parse_rules(head + body, "mine"))]


@pytest.mark.parametrize("name", ["basic", "research"])
def test_shipped_rule_sets_have_no_findings(name):
    assert lint(load_rules(name)) == ()


@pytest.mark.parametrize(
    ("body", "severity", "part"),
    [
        ("options: [113106, 113107]", "error", "exclude each other"),
        ("options: [113101]\npixels: {check: false}", "error", "check is false"),
        ("options: [113102]", "error", "faces is keep"),
        ("elements: [{tag: '*/PatientName', action: keep}]", "error", "identifiers (PatientName)"),
        ("options: [113110]", "warning", "retain_uids"),
        ("options: [113106]", "warning", "keeps all dates"),
        ("options: [113110]\nuids: {root: 1.2.826.0.1.3680043.10.1234.7}", "warning",
         "the root has no effect"),
        ("dates: {shift_days: [-10, -1]}", "warning", "a range of 10 days"),
        ("pixels: {check: false}", "warning", "text in pixels is kept"),
        ("text: {entities: {NAME: keep}}", "warning", "NAME is kept"),
        ("elements: [{tag: '*/PatientBirthDate', action: keep}]", "warning", "E.1-1 says Z"),
        ("elements: [{tag: '*/StudyID', action: shift}]", "warning", "does not fit VR SH"),
        ("elements: [{tag: '(0018,9999)', action: keep}]", "warning", "selects no attribute"),
        ("elements: [{tag: 'Nonsense*', action: keep}]", "warning", "selects no attribute"),
        ("elements: [{tag: '(0400,0561)', action: keep}]", "warning", "no effect"),
        ("elements: [{tag: '(0019,\"ACME\",01)', action: K}]", "warning", "not in the list"),
        ("options: [113111]\nelements: [{tag: '(0019,\"SIEMENS MR HEADER\",0c)', action: K}]",
         "warning", "kept already"),
        ("elements:\n- {tag: '*/{DA}', action: X}\n- {tag: StudyDate, action: shift}",
         "warning", "never applies: */{DA} (line 5)"),
        ("default: keep\nelements: [{tag: ImageType, action: X}]", "warning",
         "inside sequences: KEEP"),
        ("elements: [{tag: '*/*', action: keep}]", "error", "[identifier-kept]"),
        ("elements: [{tag: '*/{PN}', action: keep}]", "error", "[identifier-kept]"),
        ("elements: [{tag: 'Patient*', action: keep}]", "error", "PatientName, PatientID"),
        ("elements: [{tag: '(0010,xxxx)', action: keep}]", "error", "[identifier-kept]"),
        ("elements: [{tag: '+/AccessionNumber', action: keep}]", "error", "AccessionNumber"),
        ("elements: [{tag: ReferringPhysicianName, action: keep}]", "warning", "[person-kept]"),
        ("elements: [{tag: SOPClassUID, action: remove}]", "error", "[required-removed]"),
        ("elements: [{tag: '*/{UI}', action: token}]", "error", "StudyInstanceUID"),
        ("elements: [{tag: Rows, action: dummy}]", "error", "[required-removed]"),
        ("elements: [{tag: '(7fe0,xxxx)', action: remove}]", "error", "PixelData"),
        ("elements: [{tag: StudyDate, action: literal, value: today}]", "error",
         "[value-does-not-fit]"),
        ("elements: [{tag: '*/{US}', action: literal, value: abc}]", "error",
         "[value-does-not-fit]"),
        ("elements: [{tag: PatientAge, action: token}]", "warning", "cannot hold a token"),
        ("elements: [{tag: RequestAttributesSequence, action: token}]", "warning", "no value"),
        ("elements: [{tag: PatientID, action: literal, value: NONE}]", "warning",
         "[patients-merged]"),
        ("options: [113107]\nelements: [{tag: StudyDate, action: keep}]", "error",
         "reveals the shift"),
        ("options: [113106]\nelements: [{tag: StudyDate, action: shift}]", "warning",
         "keeps all others"),
        ("filters: [{accept: {Modality: {equals: CT}}}]", "warning", "[filter-rejects-nothing]"),
        ("elements: [{tag: '(00xx,\"SIEMENS*\",0c)', action: K}]", "warning", "not in the list"),
        ("elements: [{tag: PatientName, action: K, when: {Modality: {equals: CT}}}]", "error",
         "[identifier-kept]"),
        ("elements: [{tag: '*/{SH}', except: StudyID, action: K}]", "error", "AccessionNumber"),
        ("elements: [{tag: PatientID, action: truncate, length: 2}]", "error", "[identifier-kept]"),
        ("options: [113107]\nelements: [{tag: StudyDate, action: generalise, to: month}]", "error",
         "reveals the shift"),
        ("elements: [{tag: StudyTime, action: generalise, to: year}]", "warning", "not fit VR TM"),
        ("elements: [{tag: StudyDate, action: hash, length: 8}]", "warning", "hold a token"),
        ("elements: [{tag: Rows, action: round, to: 2}]", "error", "[required-removed]"),
        ("lookups: {a: {uri: b.csv, key: c}}", "warning", "[lookup-unused]"),
    ],
)  # fmt: skip
def test_finding(body, severity, part):
    found = findings(body)
    assert any(one.startswith(severity) and part in one for one in found), found
    assert has_errors(lint(parse_rules(HEAD + body, "mine"))) is (severity == "error")


def test_shifting_a_date_that_patients_share_is_reported():
    body = "elements: [{tag: '*/DateOfLastCalibration', action: shift, reason: a}]"
    (found,) = findings(body, HEAD + "options: [retain_long_modified_dates]\n")
    assert "several patients share (DateOfLastCalibration)" in found


def test_a_finding_names_its_line():
    assert "line 5" in findings("elements:\n- {tag: '*/PatientBirthDate', action: keep}")[0]


def test_an_override_of_an_extended_rule_set_is_not_reported():
    head = "name: mine\nversion: 1\nextends: research\n"
    found = findings("elements: [{tag: '*/AccessionNumber', action: empty}]", head)
    assert found == []


def test_errors_come_first():
    found = lint(parse_rules(HEAD + "pixels: {check: false}\noptions: [113101]", "mine"))
    assert [one.severity for one in found] == ["error", "warning"]


@pytest.mark.parametrize(
    "body",
    [
        "elements: [{tag: '*/{SH}', except: ['*/{SH}'], action: K}]",
        "elements: [{tag: Modality, action: quarantine, reason: a, when: {this: {equals: SR}}}]",
        "elements:\n- {tag: '*/StationName', action: Z, when: {Modality: {equals: CT}}}\n"
        "- {tag: '*/StationName', action: X}",
        "options: [113107]\nelements: [{tag: StudyDate, action: generalise, to: year}]",
    ],
)
def test_conditions_and_exceptions_are_no_errors(body):
    assert not [one for one in findings(body) if one.startswith("error") or "never" in one]
