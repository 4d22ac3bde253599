"""Encapsulated data in HL7 v2 observations (type ED; HL7 v2.5.1, section 2.A.24)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Optional

from safelight.notes.embedded_documents import MARKUP, PLAIN, clean_embedded, kind_of
from safelight.notes.field_cleaner import FieldVisitor
from safelight.records import Reason, Refusal

#: Subtypes (HL7 table 0291, and what sites write there) as MIME types; others as they are stated.
_KINDS = {
    "pdf": "application/pdf", "html": "text/html", "htm": "text/html", "xhtml": "text/html",
    "plain": "text/plain", "txt": "text/plain", "text": "text/plain", "ascii": "text/plain",
    "cda": "text/xml", "xml": "text/xml", "x-hl7-cda-level-one": "text/xml",
}  # fmt: skip
_WORDS = frozenset({"a", "hex", "base64"})


def clean_data(
    components: Sequence[str], visitor: FieldVisitor, where: str
) -> Optional[tuple[str, ...]]:
    """New components of an ED value: source, type, subtype, encoding, data.

    Parameters
    ----------
    components : sequence of str
        As they read, escapes resolved.

    Returns
    -------
    tuple of str or None
        Without the source; ``None`` where the data cannot be cleaned, so that all of it goes.

    Raises
    ------
    Refusal
        If the data are not in the encoding that is stated.
    """
    _, kind, subtype, encoding, *rest = [*components, "", "", "", "", ""][:5]
    stated = _stated(kind.strip().lower(), subtype.strip().lower())
    word = encoding.strip().lower() or "a"
    if word not in _WORDS:
        return None
    data = _decoded(rest[0], word)
    stated = kind_of(data, stated)
    cleaned = clean_embedded(data, stated, visitor, where)
    if cleaned is None:
        return None
    if word == "a" and stated in MARKUP | PLAIN:
        text = cleaned.decode("utf-8")
    else:
        encoding, text = "Base64", base64.b64encode(cleaned).decode()
    return "", _told(kind), _told(subtype), encoding, text


def _stated(kind: str, subtype: str) -> str:
    if subtype in _KINDS:
        return _KINDS[subtype]
    if kind in ("text", "tx", "ft") and not subtype:
        return "text/plain"
    return f"{kind}/{subtype}" if subtype not in ("", "octet-stream") else ""


def _told(word: str) -> str:
    """A word of a table as it stands; whatever else a site wrote there goes."""
    return word if word.isascii() and word.replace("-", "").isalpha() and len(word) < 24 else ""


def _decoded(text: str, encoding: str) -> bytes:
    try:
        if encoding == "base64":
            return base64.b64decode("".join(text.split()), validate=True)
        return bytes.fromhex(text) if encoding == "hex" else text.encode("utf-8")
    except (binascii.Error, ValueError):
        raise Refusal(
            Reason.MALFORMED_ROW, "encapsulated data are not in the encoding stated; repair them"
        ) from None
