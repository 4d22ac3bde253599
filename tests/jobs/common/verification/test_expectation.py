"""Expected content of the outputs of a rule set, for the verifier."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import UltrasoundImageStorage

from jobs.common.verification.expectation import make_expectation
from safelight import Deidentifier
from safelight.rules import load_rules
from safelight.rules.loader import parse_rules
from safelight.verify import Expectation, Verifier
from safelight.verify.profile_attributes import is_retained
from tests.headers.objects import KEY, find_nothing, make_object, read, to_bytes
from tests.verify.test_profile_attributes import ADDED, VALUES

EXAMPLES = Path(__file__).parents[4] / "conf" / "rules" / "examples"

REGION, PROTOCOL, ADDRESS = 0x00102152, 0x00181030, 0x00101040


def test_attributes_that_own_rules_keep_are_expected_and_removed_ones_are_not() -> None:
    rules = parse_rules(
        "name: own\nversion: 1\nextends: basic\nelements:\n"
        "  - {tag: RegionOfResidence, action: keep}\n"
        '  - {tag: "+/ProtocolName", action: clean}\n'
        "  - {tag: PatientAddress, action: remove}\n",
        "own.yaml",
    )
    expectation = make_expectation(rules)
    assert {REGION, PROTOCOL} <= expectation.ruled_tags
    assert ADDRESS not in expectation.ruled_tags


def test_the_profile_alone_expects_no_exception() -> None:
    expectation = make_expectation(load_rules("basic"))
    assert expectation.ruled_tags == frozenset()
    assert expectation.granted_codes is not None
    assert "113109" not in expectation.granted_codes


@pytest.mark.parametrize(
    ("parameters", "form"),
    [
        ("length: 12", ("", 12)),
        ("length: 64", ("", 64)),
        ("length: 12, prefix: SITE-", ("SITE-", 12)),
    ],
)
def test_hashes_of_the_rules_are_expected(parameters: str, form: tuple[str, int]) -> None:
    rules = parse_rules(
        "name: own\nversion: 1\nextends: basic\n"
        f"elements: [{{tag: StudyID, action: hash, {parameters}}}]\n",
        "own.yaml",
    )
    expectation = make_expectation(rules)
    assert expectation.hash_forms == {0x00200010: form}
    source = to_bytes(make_object(StudyID="S19-1"))
    deidentifier = Deidentifier(rules=rules, key=KEY, pixels=False, annotate=find_nothing)
    data = deidentifier.deidentify(source).data
    assert data is not None
    assert Verifier(expectation).check(data) == ()
    leaking = read(data)
    leaking.StudyID = "S19-1"
    assert Verifier(expectation).check(to_bytes(leaking)) != ()


def make_source(modality: str) -> Dataset:
    """Return an original with a value of its own for each attribute of Table E.1-1."""
    ds = make_object(Modality=modality)
    if modality == "US":
        ds.SOPClassUID = UltrasoundImageStorage
    for number, (tag, vr) in enumerate(ADDED.items()):
        text = f"Quillby{chr(97 + number // 26)}{chr(97 + number % 26)} 7"
        uid = f"1.2.826.0.1.3680043.8.498.77.{number}"
        ds.add_new(tag, vr, uid if vr == "UI" else VALUES.get(vr, text))
    del ds.ModifyingDeviceID  # has the same value as other codes, which remain
    return ds


@pytest.mark.parametrize(
    ("name", "modality"),
    [
        ("gdpr-year-only", "CT"),
        ("hipaa-limited-data-set", "CT"),
        ("vendor-debugging", "CT"),
        ("ultrasound-teaching-file", "US"),
    ],
)
def test_values_put_back_under_the_rules_of_the_examples_are_seen(name: str, modality: str) -> None:
    rules = load_rules(str(EXAMPLES / f"{name}.yaml"))
    expectation = make_expectation(rules)
    verifier, source = Verifier(expectation), make_source(modality)
    original = to_bytes(source)
    deidentifier = Deidentifier(rules=rules, key=KEY, pixels=False, annotate=find_nothing)
    clean = deidentifier.deidentify(original).data
    assert clean is not None
    assert verifier.check(clean) == verifier.compare(clean, original) == ()
    leaking = read(clean)
    changed = {
        tag for tag in ADDED
        if tag in source and (tag not in leaking or leaking[tag].value != source[tag].value)
    }  # fmt: skip
    for tag in changed:
        leaking[tag] = source[tag]
    data = to_bytes(leaking)
    found = {d.location for d in (*verifier.check(data), *verifier.compare(data, original))}
    missed = {tag for tag in changed if f"({tag >> 16:04X},{tag & 0xFFFF:04X})" not in found}
    assert not {tag for tag in missed if not _is_allowed(tag, expectation)}
    assert len(changed) > 200


def _is_allowed(tag: int, expectation: Expectation) -> bool:
    """Return whether the rules or their options may retain a value of an attribute."""
    assert expectation.granted_codes is not None
    return is_retained(tag, expectation.granted_codes) or tag in expectation.retained_tags


def verify(rules_text: str, source: Dataset, **changes: str) -> set[str]:
    """Return the locations that the verifier reports in an output after changes."""
    rules = parse_rules("name: own\nversion: 1\nextends: research\n" + rules_text, "own.yaml")
    deidentifier = Deidentifier(rules=rules, key=KEY, pixels=False, annotate=find_nothing)
    data = deidentifier.deidentify(to_bytes(source)).data
    assert data is not None
    changed = read(data)
    for keyword, value in changes.items():
        setattr(changed, keyword, value)
    return {
        defect.location for defect in Verifier(make_expectation(rules)).check(to_bytes(changed))
    }


ROUNDED = """
elements:
  - {tag: "*/PatientWeight", action: round, to: 5}
  - {tag: PatientSize, action: generalise, width: 0.1}
  - {tag: PatientAge, action: generalise, width: 5}
  - {tag: PatientSex, action: lower}
  - {tag: StudyDate, action: generalise, to: quarter}
  - {tag: EthnicGroup, action: truncate, length: 3}
  - {tag: Occupation, action: initials}
"""


@pytest.mark.parametrize(
    ("keyword", "value", "location"),
    [
        ("PatientWeight", "72.5", "(0010,1030)"),
        ("PatientSize", "1.73", "(0010,1020)"),
        ("PatientAge", "043Y", "(0010,1010)"),
        ("PatientAge", "003M", "(0010,1010)"),
        ("PatientSex", "O", "(0010,0040)"),
        ("StudyDate", "20240214", "(0008,0020)"),
        ("EthnicGroup", "German", "(0010,2160)"),
        ("Occupation", "Ship Builder", "(0010,2180)"),
    ],
)
def test_values_put_back_that_the_rules_reduce_are_seen(
    keyword: str, value: str, location: str
) -> None:
    source = make_object(
        PatientWeight="72.5", PatientSize="1.73", PatientAge="043Y", PatientSex="O",
        EthnicGroup="German", Occupation="Ship Builder",
    )  # fmt: skip
    assert verify(ROUNDED, source) == set()
    assert location in verify(ROUNDED, source, **{keyword: value})


def test_an_attribute_that_a_path_keeps_has_no_form() -> None:
    rules = ROUNDED + "  - {tag: ReferencedStudySequence/PatientWeight, action: keep}\n"
    parsed = parse_rules("name: own\nversion: 1\nextends: research\n" + rules, "own.yaml")
    assert 0x00101030 not in make_expectation(parsed).forms
    assert 0x00101010 in make_expectation(parsed).forms


WRITTEN = """
elements:
  - {tag: PatientID, action: literal, value: SUBJECT-1}
  - {tag: PatientName, action: text, value: "Trial {PatientID}"}
add:
  - {tag: ClinicalTrialProtocolID, value: TRIAL-7, always: true}
"""


@pytest.mark.parametrize(
    ("keyword", "value", "location"),
    [
        ("PatientID", "MR-1", "(0010,0020)"),
        ("PatientName", "Trial 4711", "(0010,0010)"),
        ("ClinicalTrialProtocolID", "TRIAL-8", "(0012,0020)"),
    ],
)
def test_only_the_values_that_the_rules_write_are_expected(
    keyword: str, value: str, location: str
) -> None:
    assert verify(WRITTEN, make_object()) == set()
    assert location in verify(WRITTEN, make_object(), **{keyword: value})


def test_values_of_a_lookup_table_are_expected(tmp_path: Path) -> None:
    table = tmp_path / "subjects.csv"
    table.write_text("patient_id,subject\nP1,SUBJ-7\n")
    rules = f"""
lookups: {{subjects: {{uri: "{table}", key: patient_id, missing: quarantine}}}}
elements: [{{tag: PatientID, action: lookup, table: subjects, column: subject}}]
"""
    assert verify(rules, make_object(PatientID="P1")) == set()


def test_dates_that_are_the_first_day_of_their_period_are_unchanged() -> None:
    rules = load_rules(str(EXAMPLES / "gdpr-year-only.yaml"))
    source = to_bytes(make_object(StudyDate="20060101", PatientBirthDate="19600101"))
    deidentifier = Deidentifier(rules=rules, key=KEY, pixels=False, annotate=find_nothing)
    data = deidentifier.deidentify(source).data
    assert data is not None
    verifier = Verifier(make_expectation(rules))
    assert verifier.check(data) == verifier.compare(data, source) == ()
    leaking = read(data)
    leaking.StudyDate = "20060317"
    assert {d.location for d in verifier.check(to_bytes(leaking))} >= {"(0008,0020)"}


def make_private_source() -> Dataset:
    source = make_object(StudyDate="20240310")
    block = source.private_block(0x0019, "ACME 1", create=True)
    block.add_new(1, "DA", "20240310")
    block.add_new(2, "UI", "1.2.3.4.5.6.7.8")
    source.private_block(0x0021, "OTHER", create=True).add_new(1, "LO", "gain 3")
    return source


def test_private_elements_that_a_rule_keeps_are_expected() -> None:
    keep = """elements: [{tag: '*/(00xx,"ACME*",xx)', action: keep}]\n"""
    rules = parse_rules("name: own\nversion: 1\nextends: research\n" + keep, "own.yaml")
    source = to_bytes(make_private_source())
    deidentifier = Deidentifier(rules=rules, key=KEY, pixels=False, annotate=find_nothing)
    data = deidentifier.deidentify(source).data
    assert data is not None
    verifier = Verifier(make_expectation(rules))
    assert verifier.check(data) == verifier.compare(data, source) == ()
    leaking = read(data)
    leaking.private_block(0x0021, "OTHER", create=True).add_new(1, "DA", "20240310")
    found = {defect.location for defect in verifier.check(to_bytes(leaking))}
    assert found == {"(0021,0010)", "(0021,1001)"}


def test_shifted_dates_of_an_object_with_kept_ones_are_compared() -> None:
    rules = parse_rules(
        "name: own\nversion: 1\nextends: research\nelements: [{tag: SeriesDate, action: keep}]\n",
        "own.yaml",
    )
    source = to_bytes(make_object(StudyDate="20240310", SeriesDate="20240312"))
    deidentifier = Deidentifier(rules=rules, key=KEY, pixels=False, annotate=find_nothing)
    data = deidentifier.deidentify(source).data
    assert data is not None
    verifier = Verifier(make_expectation(rules))
    assert verifier.check(data) == verifier.compare(data, source) == ()
    leaking = read(data)
    leaking.StudyDate = "20240310"
    found = {defect.location for defect in verifier.compare(to_bytes(leaking), source)}
    assert found == {"(0008,0020)"}


@pytest.mark.parametrize(
    ("address", "is_found"),
    [
        ("8 Rowan Street, Quillby 02139", True),
        ("Lindenring 12a, 80331 Quillby", True),
        ("Quillby MA 02139", False),
        ("8001 Quillby", False),
        ("Quillby SW1A 1AA", False),
        ("114 55 Quillby", False),
    ],
)
def test_a_cleaned_address_keeps_no_house_number(address: str, is_found: bool) -> None:
    rules = load_rules(str(EXAMPLES / "hipaa-limited-data-set.yaml"))
    source = to_bytes(make_object(PatientAddress=address))
    deidentifier = Deidentifier(rules=rules, key=KEY, pixels=False, annotate=find_nothing)
    data = deidentifier.deidentify(source).data
    assert data is not None
    leaking = read(data)
    leaking.PatientAddress = address
    found = Verifier(make_expectation(rules)).compare(to_bytes(leaking), source)
    assert bool(found) == is_found


def test_a_rule_for_the_top_level_retains_nothing_inside_sequences() -> None:
    rules = load_rules(str(EXAMPLES / "hipaa-limited-data-set.yaml"))
    item = Dataset()
    item.RegionOfResidence = "Quillshire"
    source = make_object(RegionOfResidence="Quillshire", ReferencedStudySequence=[item])
    deidentifier = Deidentifier(rules=rules, key=KEY, pixels=False, annotate=find_nothing)
    data = deidentifier.deidentify(to_bytes(source)).data
    assert data is not None
    verifier = Verifier(make_expectation(rules))
    assert verifier.check(data) == ()
    leaking = read(data)
    leaking.ReferencedStudySequence = [item]
    found = {defect.location for defect in verifier.check(to_bytes(leaking))}
    assert found == {"(0008,1110)[0].(0010,2152)"}


def test_a_private_element_that_the_rules_create_is_expected() -> None:
    text = (
        "name: own\nversion: 1\nextends: basic\nadd:\n"
        "  - {tag: '(0013,\"TRIAL\",10)', value: X-7}\n"
    )
    deidentifier = Deidentifier(text, key=KEY, pixels=False, text=False)
    data = deidentifier.deidentify(to_bytes(make_object())).data
    assert data is not None
    assert Verifier(make_expectation(parse_rules(text, "own.yaml"))).check(data) == ()
    assert Verifier(make_expectation(load_rules("basic"))).check(data) != ()
