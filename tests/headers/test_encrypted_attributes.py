"""Original values are encrypted for the holders of certificates."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from safelight.encrypted_object import open_encrypted_object
from safelight.rules import RulesError, RuleSet, load_rules
from tests.encryption.certificates import make_certificate, make_key
from tests.headers.objects import make_deidentifier, make_object, read, to_bytes


def make_rules(folder: Path, attributes: str) -> RuleSet:
    """Return rules that encrypt attributes for one recipient."""
    (folder / "trustee.pem").write_bytes(make_certificate())
    path = folder / "rules.yaml"
    path.write_text(
        "name: mine\nversion: '1'\nextends: basic\n"
        f"encrypt: {{recipients: [trustee.pem], attributes: [{attributes}]}}\n"
    )
    return load_rules(str(path))


def make_source(syntax: str = ExplicitVRLittleEndian) -> Dataset:
    other = Dataset()
    other.PatientID = "OTHER-1"
    ds = make_object(
        syntax, SpecificCharacterSet="ISO_IR 100", PatientName="Müller^Jörg", PatientID="MRN-1",
        OtherPatientIDsSequence=[other], Rows=4,
    )  # fmt: skip
    ds.private_block(0x19, "ACME 1", create=True).add_new(0x0C, "LO", "secret")
    return ds


def encrypt(rules: RuleSet, ds: Dataset) -> bytes:
    result = make_deidentifier(rules).deidentify(to_bytes(ds))
    assert result.data is not None, result.reason
    assert ("(0400,0500)", "inserted") in {(one.location, one.action) for one in result.actions}
    return result.data


SYNTAXES = [
    ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
]  # fmt: skip


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_the_recipient_reads_the_original_values(tmp_path: Path, syntax: str) -> None:
    names = "PatientName, OtherPatientIDsSequence, '(0019,\"ACME 1\",0c)', StationName, Rows"
    data = encrypt(make_rules(tmp_path, names), make_source(syntax))
    opened = open_encrypted_object(data, make_key())
    values = {one.location: one.value for one in opened.values}
    assert values["(0010,0010)"] == "Müller^Jörg" and values["(0028,0010)"] == "4"
    assert values["(0010,1002)[0].(0010,0020)"] == "OTHER-1"
    assert values["(0019,0010)"] == "ACME 1"
    assert values["(0019,100C)"] in ("secret", b"secret".hex())
    assert len(values) == 5 and read(data).PatientID in opened.pseudonyms


def test_the_object_holds_no_original_in_the_clear(tmp_path: Path) -> None:
    data = encrypt(make_rules(tmp_path, "PatientName, PatientID"), make_source())
    new = read(data)
    assert b"MRN-1" not in data and "Jörg".encode("latin-1") not in data
    assert new.PatientIdentityRemoved == "YES" and "OtherPatientIDsSequence" not in new
    (item,) = new.EncryptedAttributesSequence
    assert item.dir() == ["EncryptedContent", "EncryptedContentTransferSyntaxUID"]


def test_the_bytes_are_the_same_in_each_run(tmp_path: Path) -> None:
    rules = make_rules(tmp_path, "PatientName")
    assert encrypt(rules, make_source()) == encrypt(rules, make_source())


def test_two_objects_of_a_patient_share_no_ciphertext(tmp_path: Path) -> None:
    rules = make_rules(tmp_path, "PatientName")
    other = make_source()
    other.SOPInstanceUID = "1.2.3.4.5.6"
    contents = [
        read(encrypt(rules, ds)).EncryptedAttributesSequence[0].EncryptedContent
        for ds in (make_source(), other)
    ]
    assert contents[0][-48:] != contents[1][-48:]


def test_an_object_without_the_attributes_has_no_sequence(tmp_path: Path) -> None:
    rules = make_rules(tmp_path, "PatientComments")
    result = make_deidentifier(rules).deidentify(to_bytes(make_source()))
    assert "EncryptedAttributesSequence" not in read(result.data)


def test_pixels_are_never_encrypted(tmp_path: Path) -> None:
    ds = make_source()
    ds.PixelData = bytes(32)
    data = encrypt(make_rules(tmp_path, '"*"'), ds)
    opened = open_encrypted_object(data, make_key())
    assert "PixelData" not in {one.keyword for one in opened.values}


def test_the_certificate_is_part_of_the_hash(tmp_path: Path) -> None:
    first = make_rules(tmp_path, "PatientName")
    (tmp_path / "trustee.pem").write_bytes(make_certificate(make_key("second")))
    assert load_rules(str(tmp_path / "rules.yaml")).hash != first.hash


@pytest.mark.parametrize(
    "entry",
    [
        "{recipients: [missing.pem], attributes: [PatientName]}",
        "{recipients: [trustee.pem], attributes: []}",
        "{recipients: [], attributes: [PatientName]}",
        "{recipients: [trustee.pem], attributes: ['*/PatientName']}",
        "{recipients: [rules.yaml], attributes: [PatientName]}",
        "{recipients: [trustee.pem]}",
    ],
)
def test_a_wrong_entry_is_an_error(tmp_path: Path, entry: str) -> None:
    make_rules(tmp_path, "PatientName")
    path = tmp_path / "rules.yaml"
    path.write_text(f"name: a\nversion: '1'\nprofile: basic\nencrypt: {entry}\n")
    with pytest.raises(RulesError):
        load_rules(str(path))


def test_a_certificate_may_be_part_of_the_rules_file() -> None:
    pem = "".join(f"      {line}\n" for line in make_certificate().decode().splitlines())
    rules = load_rules(
        f"name: a\nversion: '1'\nprofile: basic\nencrypt:\n  recipients:\n    - |\n{pem}"
        "  attributes: PatientName\n"
    )
    assert rules.encryption is not None and rules.encryption.recipients[0].serial_number


def test_encrypted_originals_of_the_source_are_removed() -> None:
    encrypted = Dataset()
    encrypted.EncryptedContentTransferSyntaxUID = ExplicitVRLittleEndian
    encrypted.EncryptedContent = b"secret 1"
    rules = load_rules(
        "name: a\nversion: '1'\nprofile: basic\n"
        "elements: [{tag: EncryptedAttributesSequence, action: keep}]\n"
    )
    source = to_bytes(make_object(EncryptedAttributesSequence=[encrypted]))
    result = make_deidentifier(rules).deidentify(source)
    assert "EncryptedAttributesSequence" not in read(result.data or b"")
    assert ("(0400,0500)", "removed") in {(one.location, one.action) for one in result.actions}
