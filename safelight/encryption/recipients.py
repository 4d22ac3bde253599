"""Recipients of encrypted attributes: the holders of the private keys of certificates."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding

#: Smallest modulus of a certificate (NIST SP 800-57 Part 1: 112 bits of security).
MINIMUM_KEY_BITS = 2048


class CertificateError(ValueError):
    """Raised if a certificate cannot be used. The message holds nothing of the certificate."""


@dataclass(frozen=True)
class Recipient:
    """Holder of the private key of a certificate.

    Attributes
    ----------
    certificate : bytes
        X.509 certificate (DER).
    """

    certificate: bytes

    @cached_property
    def _parsed(self) -> x509.Certificate:
        return x509.load_der_x509_certificate(self.certificate)

    @cached_property
    def public_key(self) -> RSAPublicKey:
        """RSA key of the certificate."""
        key = self._parsed.public_key()
        if not isinstance(key, RSAPublicKey):
            raise CertificateError("the certificate has no RSA key, which PS3.15 requires")
        return key

    @cached_property
    def issuer(self) -> bytes:
        """Name of the issuer (DER)."""
        return self._parsed.issuer.public_bytes()

    @property
    def serial_number(self) -> int:
        """Serial number of the certificate."""
        return self._parsed.serial_number

    @property
    def expires(self) -> datetime:
        """Last moment at which the certificate is valid."""
        return self._parsed.not_valid_after_utc

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate in hexadecimal."""
        return hashlib.sha256(self.certificate).hexdigest()

    def __getstate__(self) -> dict[str, bytes]:
        """Return the state without parsed objects, which cannot be sent to other processes."""
        return {"certificate": self.certificate}


def parse_certificate(data: bytes) -> Recipient:
    """Return the recipient with a certificate.

    Parameters
    ----------
    data : bytes
        Certificate in PEM or DER.

    Raises
    ------
    CertificateError
        If the bytes are not a certificate with an RSA key of at least 2048 bits.
    """
    try:
        if b"-----BEGIN CERTIFICATE-----" in data:
            certificate = x509.load_pem_x509_certificate(data)
        else:
            certificate = x509.load_der_x509_certificate(data)
        recipient = Recipient(certificate.public_bytes(Encoding.DER))
        bits = recipient.public_key.key_size
    except CertificateError:
        raise
    except ValueError:
        raise CertificateError("the bytes are not an X.509 certificate in PEM or DER") from None
    if bits < MINIMUM_KEY_BITS:
        raise CertificateError(
            f"the RSA key of the certificate has fewer than {MINIMUM_KEY_BITS} bits"
        )
    return recipient
