"""Documents inside records (FHIR attachments, HL7 v2 ED values), cleaned by what they are."""

from __future__ import annotations

import re
from typing import Optional

from safelight.notes.field_cleaner import FieldVisitor
from safelight.notes.file_encodings import AUTO, encoding_of
from safelight.notes.xhtml import clean_xhtml
from safelight.records import Reason, Refusal

MARKUP = frozenset({"text/html", "application/xhtml+xml"})
PLAIN = frozenset({"text/plain", "text/markdown", "text/csv", ""})
#: Types that say nothing; what the document begins with does.
_UNTOLD = frozenset({"", "application/octet-stream", "application/binary"})
_BEGINS = (
    (re.compile(rb"\s*%PDF-"), "application/pdf"),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|ClinicalDocument)[\s>]"), "text/xml"),
    (re.compile(rb"\s*<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE), "text/html"),
)
_CHARSET = re.compile(r"charset=\"?([\w.-]+)", re.IGNORECASE)


def kind_of(data: bytes, stated: str) -> str:
    """The MIME type of a document, without parameters."""
    kind = stated.partition(";")[0].strip().lower()
    if kind not in _UNTOLD:
        return kind
    return next((found for begin, found in _BEGINS if begin.match(data)), kind)


def clean_embedded(data: bytes, stated: str, visitor: FieldVisitor, where: str) -> Optional[bytes]:
    """The document without what identifies; ``None`` if it is of a kind that cannot be cleaned.

    Parameters
    ----------
    data : bytes
    stated : str
        Its MIME type with parameters, as the record says it. Text comes back as UTF-8.
    visitor : FieldVisitor
    where : str

    Raises
    ------
    Refusal
        If it is not what it is said to be.
    """
    kind = kind_of(data, stated)
    if kind not in MARKUP | PLAIN:
        return visitor.document(data, kind, where)
    text = _text(data, stated)
    if kind in MARKUP:
        cleaned = clean_xhtml(text, visitor, where)
    else:
        texts = visitor.texts([text], [where])
        cleaned = texts[0] if texts is not None else None
    return cleaned.encode("utf-8", "replace") if cleaned is not None else None


def _text(data: bytes, stated: str) -> str:
    charset = _CHARSET.search(stated.partition(";")[2])
    try:
        text = data.decode(charset[1] if charset else encoding_of(data, AUTO))
    except (ValueError, LookupError):
        raise Refusal(
            Reason.MALFORMED_ROW,
            "an attachment is no text of the encoding that it states; repair it",
        ) from None
    if "\0" in text:  # a picture or a program under the name of a text
        raise Refusal(Reason.MALFORMED_ROW, "an attachment is no text; give its type")
    return text
