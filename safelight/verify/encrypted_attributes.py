"""Check the Encrypted Attributes Sequence of an output (PS3.15, section E.1.1).

Its content cannot be read without a private key. What can be checked is that it has the form of a
CMS EnvelopedData and that no text can be read in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from safelight.verify.defects import Check, Defect
from safelight.verify.dicom_object import DicomObject

_SEQUENCE = "(0400,0500)"
_TRANSFER_SYNTAX, _CONTENT = 0x04000510, 0x04000520
_TRANSFER_SYNTAXES = re.compile(r"1\.2\.840\.10008\.1\.2(?:\.1|\.2)?")

#: ContentInfo with the object identifier of EnvelopedData (RFC 5652, section 6), of any length.
_ENVELOPED_DATA = re.compile(
    rb"\x30(?:[\x00-\x7f]|\x81.|\x82..|\x83...|\x84....)\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0",
    re.DOTALL,
)
#: Octets of the encrypted content, behind the initialization vector of a cipher.
_READABLE_RUN = re.compile(rb"[\x20-\x7e]{24,}")
_CIPHER = re.compile(rb"\x04\x10.{16}\x80", re.DOTALL)


def check_encrypted_attributes(dicom_object: DicomObject) -> Iterator[Defect]:
    """Yield what is not encrypted in the Encrypted Attributes Sequence.

    Parameters
    ----------
    dicom_object : DicomObject
    """
    for element in dicom_object.elements:
        if not element.location.startswith(f"{_SEQUENCE}["):
            continue
        content = element.value_bytes.rstrip(b"\0")
        if element.tag == _CONTENT and element.location.count(".") == 1:
            detail = _find_defect(content) if content else ""
        elif element.tag == _TRANSFER_SYNTAX:
            text = "".join(element.texts).strip("\0 ")
            is_known = text.startswith("2.25.") or _TRANSFER_SYNTAXES.fullmatch(text)
            detail = "" if is_known else "is not a transfer syntax of an encrypted data set"
        else:
            detail = "is not encrypted, although it is in Encrypted Attributes Sequence"
        if detail:
            yield Defect(Check.FORBIDDEN, element.location, detail, len(element.value_bytes))


def _find_defect(content: bytes) -> str:
    """Return why bytes are not an encrypted data set; empty if they have its form."""
    if _ENVELOPED_DATA.match(content) is None:
        return "is not a CMS EnvelopedData"
    cipher = _CIPHER.search(content)
    if cipher is None:
        return "has no initialization vector of AES"
    if _READABLE_RUN.search(content, cipher.end()):
        return "holds text that can be read"
    return ""
