"""Check of the Encrypted Attributes Sequence."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset

from safelight.encryption.envelope import write_envelope
from safelight.encryption.recipients import parse_certificate
from safelight.verify.dicom_object import DicomObject
from safelight.verify.encrypted_attributes import check_encrypted_attributes
from tests.encryption.certificates import make_certificate, make_key
from tests.headers.objects import make_object, to_bytes


def find(content: bytes, **others: str) -> list[str]:
    """Return the details of the defects of an object with encrypted content."""
    item = Dataset()
    item.EncryptedContentTransferSyntaxUID = "1.2.840.10008.1.2.1"
    item.EncryptedContent = content + b"\0" * (len(content) % 2)
    for keyword, value in others.items():
        setattr(item, keyword, value)
    parsed = DicomObject.parse(to_bytes(make_object(EncryptedAttributesSequence=[item])))
    return [defect.detail for defect in check_encrypted_attributes(parsed)]


@pytest.mark.parametrize("size", [1, 60, 200, 70_000])
def test_an_envelope_has_no_defect(size: int) -> None:
    recipients = [parse_certificate(make_certificate(make_key(one))) for one in ("first", "second")]
    assert find(write_envelope(b"Doe^Jane" * size, b"", recipients, bytes(32))) == []


def test_an_emptied_content_has_no_defect() -> None:
    assert find(b"\0\0\0\0") == []


def test_content_in_the_clear_is_a_defect() -> None:
    assert find(b"\x10\x00\x10\x00PN\x08\x00Doe^Jane") == ["is not a CMS EnvelopedData"]
    head = bytes.fromhex("3081ff06092a864886f70d010703a0")
    assert find(head + b"Doe^Jane") == ["has no initialization vector of AES"]
    text = b"\x04\x10" + bytes(range(16)) + b"\x80\x40" + b"Doe^Jane, born 1947, in Springfield"
    assert find(head + text) == ["holds text that can be read"]


def test_an_element_beside_the_content_is_a_defect() -> None:
    recipients = [parse_certificate(make_certificate())]
    envelope = write_envelope(b"a", b"", recipients, bytes(32))
    assert len(find(envelope, PatientName="Doe^Jane")) == 1
