"""Clean documents inside records by their media type: FHIR attachments and HL7 v2 ED values."""

from __future__ import annotations

import codecs
import re
from typing import Optional

from safelight.notes.field_visitor import FieldVisitor
from safelight.notes.file_encodings import AUTO, detect_encoding
from safelight.notes.xhtml import clean_xhtml
from safelight.records import Reason, Refusal

MARKUP_TYPES = frozenset({"text/html", "application/xhtml+xml"})
PLAIN_TEXT_TYPES = frozenset({"text/plain", "text/markdown", "text/csv", ""})
#: Stated types that do not determine the content; its first bytes do.
_GENERIC_TYPES = frozenset({"", "application/octet-stream", "application/binary"})
_TYPES_BY_FIRST_BYTES = (
    (re.compile(rb"\s*%PDF-"), "application/pdf"),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|ClinicalDocument)[\s>]"), "text/xml"),
    (re.compile(rb"\s*<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE), "text/html"),
)
_CHARSET = re.compile(r"charset=\"?([\w.-]+)", re.IGNORECASE)

#: Codecs of character sets. Others of Python are not character sets, such as ``unicode_escape``, or
#: take time that grows with the square of the text, such as ``idna``.
_CODECS = frozenset(
    "ascii utf-8 utf-8-sig utf-16 utf-16-le utf-16-be utf-32 cp1250 cp1251 cp1252 cp1253 cp1254 "
    "cp1255 cp1256 cp1257 cp1258 cp437 cp850 cp852 cp866 iso8859-1 iso8859-2 iso8859-3 iso8859-4 "
    "iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-9 iso8859-10 iso8859-13 iso8859-14 iso8859-15 "
    "koi8-r koi8-u mac-roman gb2312 gbk gb18030 big5 shift_jis cp932 euc_jp iso2022_jp euc_kr "
    "cp949 tis-620".split()
)


def media_type_of(data: bytes, stated: str) -> str:
    """Return the MIME type of a document, without parameters.

    Parameters
    ----------
    data : bytes
    stated : str
        MIME type that the record states; may be empty.
    """
    media_type = stated.partition(";")[0].strip().lower()
    if media_type not in _GENERIC_TYPES:
        return media_type
    detected = (found for start, found in _TYPES_BY_FIRST_BYTES if start.match(data))
    return next(detected, media_type)


def clean_embedded_document(
    data: bytes, stated: str, visitor: FieldVisitor, location: str
) -> Optional[bytes]:
    """Return a document without PHI; ``None`` if documents of its type cannot be cleaned.

    Parameters
    ----------
    data : bytes
    stated : str
        MIME type with parameters, as the record states it.
    visitor : FieldVisitor
    location : str
        Path or field, for the findings.

    Returns
    -------
    bytes or None
        Text and markup are in UTF-8.

    Raises
    ------
    Refusal
        If the content is not text in the stated encoding.
    """
    media_type = media_type_of(data, stated)
    if media_type not in MARKUP_TYPES | PLAIN_TEXT_TYPES:
        return visitor.visit_document(data, media_type, location)
    text = _decode(data, stated)
    if media_type in MARKUP_TYPES:
        cleaned = clean_xhtml(text, visitor, location)
    else:
        texts = visitor.visit_text([text], [location])
        cleaned = texts[0] if texts is not None else None
    return cleaned.encode("utf-8", "replace") if cleaned is not None else None


def _decode(data: bytes, stated: str) -> str:
    charset = _CHARSET.search(stated.partition(";")[2])
    try:
        if charset and codecs.lookup(charset[1]).name not in _CODECS:
            raise LookupError
        text = data.decode(charset[1] if charset else detect_encoding(data, AUTO))
    except (ValueError, LookupError):
        raise Refusal(
            Reason.MALFORMED_ROW,
            "an attachment is not text in its stated encoding; correct the encoding",
        ) from None
    if "\0" in text:  # an image or a program that is declared as text
        raise Refusal(
            Reason.MALFORMED_ROW, "an attachment is declared as text and is not; correct its type"
        )
    return text
