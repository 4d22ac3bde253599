"""Clean encapsulated data in HL7 v2 observations (data type ED; HL7 v2.5.1, section 2.A.24)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Optional

from safelight.notes.embedded_documents import (
    MARKUP_TYPES,
    PLAIN_TEXT_TYPES,
    clean_embedded_document,
    media_type_of,
)
from safelight.notes.field_visitor import FieldVisitor
from safelight.records import Reason, Refusal
from safelight.text.lexicon.plain_words import is_plain

#: MIME types of data subtypes (HL7 table 0291, and words that sites use instead).
_MEDIA_TYPES = {
    "pdf": "application/pdf", "html": "text/html", "htm": "text/html", "xhtml": "text/html",
    "plain": "text/plain", "txt": "text/plain", "text": "text/plain", "ascii": "text/plain",
    "cda": "text/xml", "xml": "text/xml", "x-hl7-cda-level-one": "text/xml",
}  # fmt: skip
_MAX_WORD_CHARACTERS = 24
#: HL7 table 0299.
_ENCODINGS = frozenset({"a", "hex", "base64"})


def clean_encapsulated_data(
    components: Sequence[str], visitor: FieldVisitor, location: str
) -> Optional[tuple[str, ...]]:
    """Return the new components of an ED value.

    Parameters
    ----------
    components : sequence of str
        Source application, type of data, data subtype, encoding and data, without escapes.
    visitor : FieldVisitor
    location : str

    Returns
    -------
    tuple of str or None
        The same components, without the source application; ``None`` to remove all of them,
        if the data cannot be cleaned.

    Raises
    ------
    Refusal
        If the data are not in the stated encoding.
    """
    _, data_type, subtype, encoding, *rest = [*components, "", "", "", "", ""][:5]
    encoding_code = encoding.strip().lower() or "a"
    if encoding_code not in _ENCODINGS:
        return None
    data = _decode(rest[0], encoding_code)
    stated = _stated_media_type(data_type.strip().lower(), subtype.strip().lower())
    media_type = media_type_of(data, stated)
    cleaned = clean_embedded_document(data, media_type, visitor, location)
    if cleaned is None:
        return None
    if encoding_code == "a" and media_type in MARKUP_TYPES | PLAIN_TEXT_TYPES:
        text = cleaned.decode("utf-8")
    else:
        encoding, text = "Base64", base64.b64encode(cleaned).decode()
    return "", _keep_word(data_type), _keep_word(subtype), encoding, text


def _stated_media_type(data_type: str, subtype: str) -> str:
    if subtype in _MEDIA_TYPES:
        return _MEDIA_TYPES[subtype]
    if data_type in ("text", "tx", "ft") and not subtype:
        return "text/plain"
    return f"{data_type}/{subtype}" if subtype not in ("", "octet-stream") else ""


def _keep_word(word: str) -> str:
    """Return a word of an HL7 table; empty for other text, which may be PHI."""
    is_known = word.strip().lower() in _MEDIA_TYPES or is_plain(word)
    return word if is_known and len(word) < _MAX_WORD_CHARACTERS else ""


def _decode(text: str, encoding: str) -> bytes:
    try:
        if encoding == "base64":
            return base64.b64decode("".join(text.split()), validate=True)
        return bytes.fromhex(text) if encoding == "hex" else text.encode("utf-8")
    except (binascii.Error, ValueError):
        raise Refusal(
            Reason.MALFORMED_ROW,
            "encapsulated data are not in the stated encoding; correct the message",
        ) from None
