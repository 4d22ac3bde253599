"""Decide which values of attributes are those of the CDA standard; see ``schema.yaml``."""

from __future__ import annotations

import re

from safelight.documents.cda.fields import STANDARD_ID_ELEMENTS, TIME_STAMP
from safelight.documents.cda.schema import load_schema
from safelight.text.lexicon.plain_words import is_plain

#: Kinds of attributes whose values are read as text unless they are plain.
TEXT_KINDS = frozenset({"text", "unit"})
#: Roots of public identifier schemes (SSN, NPI, …) and of DICOM; they identify no institution.
PUBLIC_ROOTS = ("2.16.840.1.113883.4.", "1.2.840.10008.")

#: A longer free text of an attribute is removed.
MAX_TEXT_CHARACTERS = 300
_MAX_CODE_CHARACTERS = 60

_OID = re.compile(r"[0-2](?:\.(?:0|[1-9][0-9]*)){1,30}")
#: An OID whose arcs are too short for a telephone number or an identifier.
_SHORT_ARCS = re.compile(r"[0-2](?:\.[0-9]{1,6}){1,14}")
_GUID = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LAYOUT_NUMBER = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,2})?(?:%|px|em|pt)?")
_NUMBER = re.compile(r"[+-]?[0-9]{0,6}(?:\.[0-9]{1,9})?(?:[eE][+-]?[0-9]{1,3})?")
#: Codes with a digit: LOINC, SNOMED CT, RxNorm, ICD, NUCC, UNII.
_NUMBERED_CODE = re.compile(r"(?=[^0-9]*[0-9])[A-Z0-9]{1,18}(?:[.:-][A-Z0-9]{1,12}){0,3}")
_PREFIX = re.compile(r"^\w{1,10}:")
#: Version of a template: a date of this century.
_TEMPLATE_VERSION = re.compile(r"20[0-9]{2}-[0-9]{2}(?:-[0-9]{2})?|POCD_HD000040|POCD_MT000040")


def attribute_kind(name: str) -> str:
    """Return the kind of an attribute; empty if CDA does not define it.

    Parameters
    ----------
    name : str
        Name with or without namespace.
    """
    return load_schema().attributes.get(name.rpartition("}")[2], "")


def is_public_oid(text: str, roots: tuple[str, ...]) -> bool:
    """Return whether an OID belongs to a public scheme, and has no arc that may identify."""
    return f"{text}.".startswith(roots) and _SHORT_ARCS.fullmatch(text) is not None


def is_oid_or_guid(text: str) -> bool:
    """Return whether a text is an OID or a GUID, which can be replaced by a new UID."""
    return (_OID.fullmatch(text) or _GUID.fullmatch(text)) is not None


def is_read_as_text(kind: str, value: str) -> bool:
    """Return whether an attribute is free text, which the text model must see.

    Parameters
    ----------
    kind : str
        Kind of the attribute.
    value : str
        Value of the attribute.
    """
    return kind in TEXT_KINDS and len(value) <= MAX_TEXT_CHARACTERS and not is_plain(value)


def is_standard_value(kind: str, element: str, value: str) -> bool:
    """Return whether the value of an attribute is one of the standard.

    Parameters
    ----------
    kind : str
        Kind of the attribute: ``code``, ``flag``, ``layout``, ``type``, ``concept``, ``value``,
        ``media`` or ``oid``.
    element : str
        Local name of the element.
    value : str
        Value without surrounding white space.
    """
    schema = load_schema()
    if kind == "flag":
        return value in ("true", "false", "1", "0")
    if kind == "layout":
        return value.lower() in schema.layout_words or _LAYOUT_NUMBER.fullmatch(value) is not None
    if kind == "type":
        parts = _PREFIX.sub("", value).split("_")
        return all(part in schema.type_words for part in parts)
    if kind == "concept":
        is_code = len(value) <= _MAX_CODE_CHARACTERS and not any(map(str.isspace, value))
        return is_code and (
            is_plain(value, schema.code_words) or _NUMBERED_CODE.fullmatch(value) is not None
        )
    if kind == "value":
        is_number = bool(value) and _NUMBER.fullmatch(value) is not None
        return is_number or value in ("true", "false") or TIME_STAMP.fullmatch(value) is not None
    if kind == "oid":
        if element in STANDARD_ID_ELEMENTS:
            return _SHORT_ARCS.fullmatch(value) is not None
        return is_public_oid(value, PUBLIC_ROOTS)
    is_short = len(value) <= _MAX_CODE_CHARACTERS
    return is_short and is_plain(value, schema.code_words)


def is_template_version(value: str) -> bool:
    """Return whether the extension of a template ID is that of a published template."""
    return _TEMPLATE_VERSION.fullmatch(value) is not None
