"""Certificates of recipients."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from safelight.encryption.recipients import CertificateError, parse_certificate
from tests.encryption.certificates import make_certificate, make_key


def test_a_certificate_is_read_from_pem_and_der():
    recipient = parse_certificate(make_certificate())
    assert parse_certificate(recipient.certificate) == recipient
    assert recipient.serial_number == 0x7F00FF01 and len(recipient.fingerprint) == 64


def test_other_bytes_are_no_certificate():
    with pytest.raises(CertificateError, match="not an X.509 certificate"):
        parse_certificate(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")


def test_a_short_key_is_refused():
    with pytest.raises(CertificateError, match="2048"):
        parse_certificate(make_certificate(make_key("short", 1024)))


def test_a_key_of_another_kind_is_refused():
    with pytest.raises(CertificateError, match="RSA"):
        parse_certificate(make_certificate(ec.generate_private_key(ec.SECP256R1())))
