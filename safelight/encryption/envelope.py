"""Write and open CMS EnvelopedData whose bytes depend on the content and a secret key only.

Outputs of Safelight are the same in each run, so nothing random can be used. The content-encryption
key, the initialization vector and the padding of the key transport are derived by HMAC-SHA256 from
the secret key and the SHA-256 of context and content. For readers without the secret key,
they cannot be distinguished from random bytes (HMAC is a pseudorandom function, RFC 2104). Two
contents, or two contexts of one content, never share a key and an initialization vector, unless
SHA-256 collides. What the derivation gives away is whether two envelopes have the same content and
context, so the context names the object. The same argument is that of deterministic authenticated
encryption with a synthetic initialization vector (Rogaway and Shrimpton, EUROCRYPT 2006).

The holder of the secret key can test guesses of a content, as with the pseudonyms.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from safelight.encryption import der
from safelight.encryption.recipients import Recipient

_DATA = "1.2.840.113549.1.7.1"
_ENVELOPED_DATA = "1.2.840.113549.1.7.3"
_RSA_ENCRYPTION = "1.2.840.113549.1.1.1"
_AES_256_CBC = "2.16.840.1.101.3.4.1.42"
#: Ciphers that can be opened, by object identifier, with the length of their keys in bytes.
_KEY_BYTES = {"2.16.840.1.101.3.4.1.2": 16, "2.16.840.1.101.3.4.1.22": 24, _AES_256_CBC: 32}

_BLOCK_BYTES = 16
#: Bytes of PKCS #1 v1.5 that are not padding and not the key (RFC 8017, section 7.2.1).
_PKCS1_OVERHEAD = 3


class EnvelopeError(ValueError):
    """Raised if an envelope cannot be opened. The message holds no content."""


def write_envelope(
    content: bytes, context: bytes, recipients: Sequence[Recipient], secret: bytes
) -> bytes:
    """Return a CMS EnvelopedData (DER in a ContentInfo) of a content.

    Parameters
    ----------
    content : bytes
    context : bytes
        Names the object that the content belongs to.
    recipients : sequence of Recipient
        Each of them can open the envelope.
    secret : bytes
        Secret key of 32 bytes, used for envelopes only.
    """
    digest = hashlib.sha256(hashlib.sha256(context).digest() + content).digest()
    seed = hmac.digest(secret, b"envelope" + digest, "sha256")
    key = hmac.digest(seed, b"content-encryption key", "sha256")
    vector = hmac.digest(seed, b"initialization vector", "sha256")[:_BLOCK_BYTES]
    padding_length = _BLOCK_BYTES - len(content) % _BLOCK_BYTES
    encryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    encrypted = encryptor.update(content + bytes([padding_length]) * padding_length)
    encrypted += encryptor.finalize()
    enveloped = der.encode(
        der.SEQUENCE,
        der.encode_integer(0),
        der.encode_set_of(_transport_key(key, one, seed) for one in recipients),
        der.encode(
            der.SEQUENCE,
            der.encode_object_identifier(_DATA),
            der.encode(
                der.SEQUENCE,
                der.encode_object_identifier(_AES_256_CBC),
                der.encode(der.OCTET_STRING, vector),
            ),
            der.encode(der.CONTEXT_0_PRIMITIVE, encrypted),
        ),
    )
    return der.encode(
        der.SEQUENCE,
        der.encode_object_identifier(_ENVELOPED_DATA),
        der.encode(der.CONTEXT_0, enveloped),
    )


def _transport_key(key: bytes, recipient: Recipient, seed: bytes) -> bytes:
    """Return the KeyTransRecipientInfo of one recipient (RFC 5652, section 6.2.1)."""
    numbers = recipient.public_key.public_numbers()
    size = (numbers.n.bit_length() + 7) // 8
    stream = _derive_padding(seed, bytes.fromhex(recipient.fingerprint))
    padded = bytes(next(stream) for _ in range(size - _PKCS1_OVERHEAD - len(key)))
    message = int.from_bytes(b"\x00\x02" + padded + b"\x00" + key, "big")
    return der.encode(
        der.SEQUENCE,
        der.encode_integer(0),
        der.encode(der.SEQUENCE, recipient.issuer, der.encode_integer(recipient.serial_number)),
        der.encode(
            der.SEQUENCE, der.encode_object_identifier(_RSA_ENCRYPTION), der.encode(der.NULL)
        ),
        der.encode(der.OCTET_STRING, pow(message, numbers.e, numbers.n).to_bytes(size, "big")),
    )


def _derive_padding(seed: bytes, fingerprint: bytes) -> Iterator[int]:
    """Yield bytes other than 0 that depend on the recipient."""
    counter = 0
    while True:
        label = b"key transport" + fingerprint + counter.to_bytes(4, "big")
        yield from (byte for byte in hmac.digest(seed, label, "sha256") if byte)
        counter += 1


def open_envelope(envelope: bytes, private_key: RSAPrivateKey) -> bytes:
    """Return the content of a CMS EnvelopedData.

    Parameters
    ----------
    envelope : bytes
        DER of a ContentInfo; bytes behind it are ignored.
    private_key : RSAPrivateKey
        Key of one of the recipients.

    Raises
    ------
    EnvelopeError
        If the bytes are not an EnvelopedData, or the key is not that of a recipient.
    """
    try:
        keys, encrypted = _read_structure(envelope)
        kind, content = encrypted.list_values()[1:3]
        algorithm, vector = kind.list_values()
        length = _KEY_BYTES.get(_dotted(algorithm))
        if length is None:
            raise EnvelopeError("the envelope has another cipher than AES in CBC mode")
        initial = vector.expect(der.OCTET_STRING).content
        body = content.expect(der.CONTEXT_0_PRIMITIVE).content
    except (der.DerError, ValueError, IndexError) as error:
        if isinstance(error, EnvelopeError):
            raise
        raise EnvelopeError(
            "the bytes are not a CMS EnvelopedData with RSA key transport"
        ) from None
    for encrypted_key in keys:
        opened = _open_with(encrypted_key, private_key, length, initial, body)
        if opened is not None:
            return opened
    raise EnvelopeError(
        "the private key does not open the envelope; give the key of a certificate that the rules "
        "named as a recipient"
    )


def _read_structure(envelope: bytes) -> tuple[list[bytes], der.DerValue]:
    """Return the encrypted keys of all recipients, and the EncryptedContentInfo."""
    kind, wrapped = der.decode(envelope).expect(der.SEQUENCE).list_values()
    if _dotted(kind) != _ENVELOPED_DATA:
        raise EnvelopeError("the bytes are not a CMS EnvelopedData")
    parts = wrapped.expect(der.CONTEXT_0).list_values()[0].expect(der.SEQUENCE).list_values()
    position = [part.tag for part in parts].index(der.SET)
    keys = [
        info.list_values()[3].expect(der.OCTET_STRING).content
        for info in parts[position].list_values()
        if info.tag == der.SEQUENCE
    ]
    return keys, parts[position + 1].expect(der.SEQUENCE)


def _dotted(value: der.DerValue) -> str:
    """Return the known object identifier of a value; empty for another one."""
    known = (_DATA, _ENVELOPED_DATA, _RSA_ENCRYPTION, *_KEY_BYTES)
    encoded = value.expect(der.OBJECT_IDENTIFIER).encoded
    return next((one for one in known if der.encode_object_identifier(one) == encoded), "")


def _open_with(
    encrypted_key: bytes, private_key: RSAPrivateKey, length: int, vector: bytes, body: bytes
) -> bytes | None:
    """Return the content that one encrypted key opens; None if it does not."""
    try:
        key = private_key.decrypt(encrypted_key, padding.PKCS1v15())
        if len(key) != length:
            return None
        decryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
        padded = decryptor.update(body) + decryptor.finalize()
    except ValueError:
        return None
    count = padded[-1] if padded else 0
    if not 0 < count <= _BLOCK_BYTES or padded[-count:] != bytes([count]) * count:
        return None
    return padded[:-count]
