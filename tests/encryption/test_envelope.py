"""CMS EnvelopedData with derived keys."""

import pickle
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs7
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.encryption.envelope import EnvelopeError, open_envelope, write_envelope
from safelight.encryption.recipients import parse_certificate
from tests.encryption.certificates import make_certificate, make_key, to_pem

SECRET = bytes(range(32))


def recipients(*names):
    return [parse_certificate(make_certificate(make_key(one), one)) for one in names]


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=100))
def test_each_recipient_opens_the_envelope(content):
    envelope = write_envelope(content, b"1.2.3", recipients("first", "second"), SECRET)
    assert open_envelope(envelope, make_key("first")) == content
    assert open_envelope(envelope + b"\0", make_key("second")) == content


def test_nobody_else_opens_the_envelope():
    envelope = write_envelope(b"a", b"", recipients("first"), SECRET)
    with pytest.raises(EnvelopeError, match="does not open"):
        open_envelope(envelope, make_key("second"))


def test_the_same_content_has_the_same_bytes():
    first, second = (write_envelope(b"a", b"1", recipients("first"), SECRET) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("content", "context", "secret"),
    [(b"b", b"1", SECRET), (b"a", b"2", SECRET), (b"", b"1a", SECRET), (b"a", b"1", b"x" * 32)],
)
def test_nothing_is_shared_by_two_contents_contexts_or_secrets(content, context, secret):
    def parts(envelope):
        return {envelope[start : start + 16] for start in range(len(envelope) - 16)}

    fixed = write_envelope(b"zz", b"zz", recipients("first"), b"z" * 32)
    first = write_envelope(b"a", b"1", recipients("first"), SECRET)
    other = write_envelope(content, context, recipients("first"), secret)
    assert parts(first) & parts(other) <= parts(fixed)  # names and algorithms only


def test_openssl_opens_the_envelope(tmp_path):
    (tmp_path / "e.der").write_bytes(write_envelope(b"Doe^Jane", b"", recipients("first"), SECRET))
    (tmp_path / "key.pem").write_bytes(to_pem(make_key("first")))
    opened = subprocess.run(
        ["openssl", "cms", "-decrypt", "-inform", "DER", "-in", "e.der", "-inkey", "key.pem"],
        cwd=tmp_path, capture_output=True, check=True,
    )  # fmt: skip
    assert opened.stdout == b"Doe^Jane"


def test_an_envelope_of_another_writer_is_opened():
    certificate = x509.load_pem_x509_certificate(make_certificate(make_key("first")))
    builder = pkcs7.PKCS7EnvelopeBuilder().set_data(b"Doe^Jane").add_recipient(certificate)
    envelope = builder.encrypt(pkcs7.serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])
    assert open_envelope(envelope, make_key("first")) == b"Doe^Jane"


@pytest.mark.parametrize("envelope", [b"", b"\x30", b"\x30\x80\x00\x00", b"\x30\x03\x02\x01\x00"])
def test_other_bytes_are_refused(envelope):
    with pytest.raises(EnvelopeError, match="EnvelopedData"):
        open_envelope(envelope, make_key("first"))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_envelope_raises_no_other_error(data):
    envelope = bytearray(write_envelope(b"abc", b"", recipients("first"), SECRET))
    position = data.draw(st.integers(0, len(envelope) - 1))
    envelope[position] ^= data.draw(st.integers(1, 255))
    try:
        open_envelope(
            bytes(envelope[: data.draw(st.integers(position, len(envelope)))]), make_key()
        )
    except EnvelopeError as error:
        assert "abc" not in str(error)


def test_a_recipient_is_sent_to_other_processes():
    (recipient,) = recipients("first")
    assert recipient.public_key
    assert pickle.loads(pickle.dumps(recipient)).issuer == recipient.issuer
