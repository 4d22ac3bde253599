"""Encrypted values of objects that cannot be opened."""

from io import BytesIO

import pytest
from pydicom.dataset import Dataset

from safelight.encrypted_object import open_encrypted_object
from safelight.encryption.envelope import EnvelopeError, write_envelope
from safelight.encryption.recipients import parse_certificate
from tests.encryption.certificates import make_certificate, make_key
from tests.headers.objects import make_object, to_bytes


def make_encrypted(content: bytes, syntax: str = "1.2.840.10008.1.2.1") -> bytes:
    item = Dataset()
    item.EncryptedContentTransferSyntaxUID = syntax
    item.EncryptedContent = content + b"\0" * (len(content) % 2)
    return to_bytes(make_object(EncryptedAttributesSequence=[item]))


def test_an_object_without_encrypted_values_has_none():
    assert open_encrypted_object(to_bytes(make_object()), make_key()).values == ()


@pytest.mark.parametrize(
    ("content", "syntax"),
    [(b"", "1.2.840.10008.1.2.1"), (b"plain", "1.2.840.10008.1.2.1"), (b"", "1.2.3")],
)
def test_content_that_is_not_encrypted_is_refused(content, syntax):
    with pytest.raises(EnvelopeError):
        open_encrypted_object(make_encrypted(content, syntax), make_key())


def test_an_encrypted_content_that_is_no_data_set_is_refused():
    recipients = [parse_certificate(make_certificate())]
    envelope = write_envelope(b"\xff" * 40, b"", recipients, bytes(32))
    with pytest.raises(EnvelopeError, match="not a data set"):
        open_encrypted_object(make_encrypted(envelope), make_key())


def test_other_files_are_refused():
    stream = BytesIO(b"no object")
    with pytest.raises(EnvelopeError):
        open_encrypted_object(make_encrypted(stream.getvalue()), make_key())
