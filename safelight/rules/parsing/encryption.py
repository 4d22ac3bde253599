"""Parse ``encrypt`` of a rules file."""

from __future__ import annotations

from pathlib import Path

from safelight.encryption.recipients import CertificateError, Recipient, parse_certificate
from safelight.rules.encryption import EncryptionPolicy
from safelight.rules.parsing.yaml_node import YamlNode
from safelight.rules.selectors import Selector, parse_selector

#: Keys of ``encrypt``.
ENCRYPTION_KEYS = ("recipients", "attributes")

#: First line of a certificate that is part of the rules file.
PEM_HEADER = "-----BEGIN CERTIFICATE-----"


def parse_encryption(node: YamlNode, folder: Path | None) -> EncryptionPolicy:
    """Return the part ``encrypt``.

    Parameters
    ----------
    node : YamlNode
    folder : Path or None
        Folder of the rules file, where a relative path of a certificate starts.
    """
    mapping = node.as_mapping(ENCRYPTION_KEYS)
    recipients = mapping.require("recipients")
    attributes = mapping.require("attributes")
    policy = EncryptionPolicy(
        tuple(_parse_recipient(one, folder) for one in recipients.as_list_or_single()),
        tuple(map(_parse_attribute, attributes.as_list_or_single())),
    )
    if not policy.recipients:
        raise recipients.make_error("the certificate of a recipient")
    if not policy.selectors:
        raise attributes.make_error("an attribute, such as PatientName")
    return policy


def _parse_recipient(node: YamlNode, folder: Path | None) -> Recipient:
    """Return the recipient with a certificate, which is a path or PEM."""
    text = node.as_text()
    try:
        data = text.encode() if PEM_HEADER in text else _read(text, folder)
        return parse_certificate(data)
    except CertificateError as error:
        raise node.make_error(f"an X.509 certificate with an RSA key, but {error}") from None
    except OSError as error:
        raise node.make_error(
            f"the path of a certificate that can be read ({type(error).__name__})"
        ) from None


def _read(path: str, folder: Path | None) -> bytes:
    """Return the bytes of a file; a relative path starts in the folder of the rules file."""
    own = Path(path.removeprefix("file://"))
    return (folder / own if folder else own).read_bytes()


def _parse_attribute(node: YamlNode) -> Selector:
    """Return a selector of the top level."""
    selector = node.parse_text(parse_selector)
    if selector.depth or len(selector.steps) > 1:
        raise node.make_error("an attribute of the top level; a sequence is encrypted as a whole")
    return selector
