"""Write the Encrypted Attributes Sequence (PS3.15, section E.1.1).

The Encrypted Attributes Data Set has the original elements in the only item of a Modified
Attributes Sequence (0400,0550), in the encoding of the source object.
"""

from __future__ import annotations

from collections.abc import Iterator

from safelight.dicom.elements import Element
from safelight.dicom.encoding import (
    EXPLICIT_BIG,
    EXPLICIT_BIG_UID,
    EXPLICIT_LITTLE_UID,
    IMPLICIT_LITTLE,
    IMPLICIT_LITTLE_UID,
    Encoding,
    format_tag_path,
)
from safelight.dicom.parser import ParsedObject
from safelight.dicom.tags import PIXEL_DATA_TAGS, SPECIFIC_CHARACTER_SET
from safelight.encryption.envelope import write_envelope
from safelight.headers.patient_identity import make_object_fingerprint
from safelight.pseudonyms import Pseudonyms
from safelight.records import Action
from safelight.rules.attributes import get_vr
from safelight.rules.encryption import EncryptionPolicy
from safelight.rules.selectors import Selector

ENCRYPTED_ATTRIBUTES = 0x04000500
_CONTENT_TRANSFER_SYNTAX, _ENCRYPTED_CONTENT = 0x04000510, 0x04000520
_MODIFIED_ATTRIBUTES = 0x04000550

#: Purpose of the subkey from which keys of envelopes are derived.
_PURPOSE = "encrypted-attributes"


def encrypt_attributes(
    parsed: ParsedObject, policy: EncryptionPolicy, pseudonyms: Pseudonyms
) -> tuple[bytes, Action] | None:
    """Return the encoded Encrypted Attributes Sequence and its audit row.

    Parameters
    ----------
    parsed : ParsedObject
        The source object.
    policy : EncryptionPolicy
    pseudonyms : Pseudonyms
        Has the secret key.

    Returns
    -------
    tuple of (bytes, Action), or None
        None if the object has no attribute that the rules encrypt.
    """
    elements = list(_select(parsed, policy.selectors))
    if not elements:
        return None
    encoding, data = parsed.encoding, parsed.data
    original = b"".join(data[element.start : element.stop] for element in elements)
    item = encoding.item(original, False)
    content = encoding.sequence(_MODIFIED_ATTRIBUTES, "SQ", item, False)
    if characters := parsed.find(SPECIFIC_CHARACTER_SET):
        content = data[characters.start : characters.stop] + content
    secret = pseudonyms.subkey(_PURPOSE)
    context = make_object_fingerprint(parsed)
    envelope = write_envelope(content, context, policy.recipients, secret)
    syntax = _find_transfer_syntax(encoding).encode("ascii")
    encrypted = encoding.element(_CONTENT_TRANSFER_SYNTAX, "UI", syntax)
    encrypted += encoding.element(_ENCRYPTED_CONTENT, "OB", envelope)
    sequence = encoding.sequence(ENCRYPTED_ATTRIBUTES, "SQ", encoding.item(encrypted, False), False)
    location = format_tag_path("", ENCRYPTED_ATTRIBUTES)
    return sequence, Action(location, "EncryptedAttributesSequence", "SQ", "inserted", "encrypt")


def _find_transfer_syntax(encoding: Encoding) -> str:
    """Return the UID of the transfer syntax in which elements are encoded."""
    if encoding == IMPLICIT_LITTLE:
        return IMPLICIT_LITTLE_UID
    return EXPLICIT_BIG_UID if encoding == EXPLICIT_BIG else EXPLICIT_LITTLE_UID


def _select(parsed: ParsedObject, selectors: tuple[Selector, ...]) -> Iterator[Element]:
    """Yield the elements of the top level that selectors select, with their private creators."""
    creators: dict[int, tuple[str, Element]] = {}
    written: set[int] = set()
    for element in parsed.elements:
        tag, number = element.tag, element.tag & 0xFFFF
        if not tag >> 16 & 1:
            if _is_selected(tag, selectors):
                yield element
            continue
        if number <= 0xFF:
            raw = parsed.data[element.value : element.stop]
            creators[tag] = raw.decode("latin-1").strip("\0 "), element
            continue
        block = tag & 0xFFFF0000 | number >> 8
        name, creator = creators.get(block, ("", None))
        if creator is not None and any(
            one.matches_private((), name, tag >> 16, number) for one in selectors
        ):
            if block not in written:
                written.add(block)
                yield creator
            yield element


def _is_selected(tag: int, selectors: tuple[Selector, ...]) -> bool:
    """Return whether a standard element is encrypted; pixels never are."""
    if tag in PIXEL_DATA_TAGS or tag in (SPECIFIC_CHARACTER_SET, ENCRYPTED_ATTRIBUTES):
        return False
    return any(one.matches((), tag, get_vr(tag)) for one in selectors)
