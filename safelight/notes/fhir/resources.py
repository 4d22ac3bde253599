"""Read the subject of FHIR R4 resources, and rewrite each element by the rule of its path."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any, Optional

from safelight.notes.embedded_documents import (
    MARKUP_TYPES,
    PLAIN_TEXT_TYPES,
    clean_embedded_document,
    media_type_of,
)
from safelight.notes.fhir.element_rules import load_fhir_rules
from safelight.notes.fhir.patients import (
    ONLY_PATIENT_KEY,
    fhir_key,
    known_values_of,
    patient_identity_of,
)
from safelight.notes.fhir.references import is_standard_url, reference_id
from safelight.notes.fhir.standard_names import (
    element_names,
    resource_types,
    standard_media_type,
)
from safelight.notes.field_actions import FieldOp, FieldRule
from safelight.notes.field_values import is_short_number
from safelight.notes.field_visitor import FieldVisitor
from safelight.notes.options import NotesOptions
from safelight.notes.plain_values import MAX_KEPT_CHARACTERS
from safelight.notes.record_subject import RecordSubject
from safelight.notes.xhtml import clean_xhtml
from safelight.records import Reason, Refusal
from safelight.text.generalization import OLDEST_AGE

_DATE = re.compile(
    r"\d{4}-\d{2}(?:-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?)?"
)
_CODING_MEMBERS = frozenset(
    {"system", "version", "code", "display", "userSelected", "id", "extension"}
)
_CODE = re.compile(r"[!-~]{1,40}")
_URL = FieldRule(FieldOp.URL)
#: Elements that refer to the patient of a resource.
_SUBJECT_ELEMENTS = ("subject", "patient", "beneficiary", "individual", "for", "focus")
_MAX_DEPTH = 100


def is_resource(value: Any) -> bool:
    """Return whether a JSON value is a FHIR resource, or an entry of a Bundle with one."""
    return isinstance(value, dict) and (
        isinstance(value.get("resourceType"), str) or isinstance(value.get("resource"), dict)
    )


def resource_of(value: dict[str, Any]) -> dict[str, Any]:
    """Return the resource of an entry, or the resource itself."""
    inner = value.get("resource")
    return inner if isinstance(inner, dict) and "resourceType" not in value else value


def _has_known_type(resource: dict[str, Any]) -> bool:
    """Return whether the type of a resource is one of FHIR."""
    resource_type = resource.get("resourceType")
    return isinstance(resource_type, str) and resource_type in resource_types()


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "reference" and isinstance(inner, str):
                yield inner
            else:
                yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


class FhirResourceHandler:
    """Read and rewrite FHIR resources.

    Parameters
    ----------
    options : NotesOptions
    """

    def __init__(self, options: NotesOptions):
        self._options = options
        self._rules = load_fhir_rules()

    def find_subject(self, value: dict[str, Any]) -> RecordSubject:
        """Return the patient of a resource, and the keys of all persons that it refers to."""
        resource = resource_of(value)
        resource_type = str(resource.get("resourceType", ""))
        own_id = str(resource.get("id", ""))
        known = tuple(known_values_of(resource))
        note_id = f"{resource_type}/{own_id}" if own_id else ""
        if resource_type == "Patient":
            identity = patient_identity_of(resource, self._options)
            return RecordSubject(identity, (fhir_key(own_id),) if own_id else (), note_id, known)
        patient_id = _referenced_patient_id(resource)
        keys = [fhir_key(patient_id) if patient_id else ONLY_PATIENT_KEY]
        keys += [fhir_key(reference_id(reference)) for reference in _references(resource)]
        fallback = self._options.identity(patient_id) if patient_id else ""
        return RecordSubject("", tuple(dict.fromkeys(keys)), note_id, known, fallback)

    def visit_resource(self, value: dict[str, Any], visitor: FieldVisitor) -> Any:
        """Return the resource or entry with every element changed by its rule.

        Parameters
        ----------
        value : dict
            Resource, or entry of a Bundle, as parsed JSON.
        visitor : FieldVisitor
            Returns the new value of each element.

        Returns
        -------
        dict
            New resource or entry. If all elements are removed, a resource has only its
            ``resourceType``, and an entry is empty.

        Raises
        ------
        Refusal
            If ``resourceType`` is not the name of a type, if the resource is nested too deep, or
            if a value cannot be cleaned.
        """
        if not _has_known_type(resource_of(value)):
            raise Refusal(Reason.MALFORMED_ROW, "resourceType is not a type of FHIR; correct it")
        if "resourceType" in value:
            return self._resource(value, visitor, 0) or {"resourceType": value["resourceType"]}
        return self._members(value, "Bundle.entry", visitor, 0) or {}

    def _resource(self, value: dict[str, Any], visitor: FieldVisitor, depth: int) -> Any:
        resource_type = value["resourceType"]
        rule = self._rules.paths.rule(resource_type)
        if rule is not None and rule.op is FieldOp.ATTACHMENT:
            inner = self._attachment(value, resource_type, visitor, depth)
            return {"resourceType": resource_type, **(inner or {})}
        return self._members(value, resource_type, visitor, depth)

    def _members(
        self, value: dict[str, Any], path: str, visitor: FieldVisitor, depth: int
    ) -> Optional[dict[str, Any]]:
        if depth > _MAX_DEPTH:
            raise Refusal(Reason.TOO_DEEP, "the resource is nested too deep; correct it")
        if value.keys() <= _CODING_MEMBERS and isinstance(value.get("code"), str):
            return self._coding(value, path, visitor)
        new = {}
        for name, inner in value.items():
            if name not in element_names():
                continue  # not an element of the standard: the name itself may be PHI
            changed = self._value(inner, f"{path}.{name}", visitor, depth + 1)
            if changed not in (None, [], {}):
                new[name] = changed
        return new or None

    def _value(self, value: Any, path: str, visitor: FieldVisitor, depth: int) -> Any:
        if isinstance(value, list):
            changed = [self._value(item, path, visitor, depth) for item in value]
            return [item for item in changed if item is not None]
        if path.endswith(".extension") or path.endswith(".modifierExtension"):
            return self._extension(value, path, visitor, depth)
        rule = self._rules.paths.rule(path)
        op = rule.op if rule is not None else FieldOp.WALK
        if op is FieldOp.REMOVE or value is None:
            return None
        if isinstance(value, dict):
            if op is FieldOp.ATTACHMENT:
                return self._attachment(value, path, visitor, depth)
            if "resourceType" in value:
                return self._resource(value, visitor, depth) if _has_known_type(value) else None
            return self._members(value, path, visitor, depth)
        if isinstance(value, str):
            return self._string(value, rule, path, visitor)
        return self._number(value, op, path)

    @staticmethod
    def _number(value: Any, op: FieldOp, path: str) -> Any:
        """Return a number or boolean; ``None`` for numbers that may be identifiers.

        The value of a Quantity may have any number of digits.
        """
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return value
        if op is FieldOp.AGE:
            return min(value, OLDEST_AGE + 1)
        if path.endswith(".value") or is_short_number(str(value)):
            return value
        return None

    def _string(
        self, value: str, rule: Optional[FieldRule], path: str, visitor: FieldVisitor
    ) -> Optional[str]:
        op = rule.op if rule is not None else FieldOp.WALK
        if op is FieldOp.XHTML:
            return clean_xhtml(value, visitor, path)
        if op is FieldOp.URL:
            is_kept = self._is_standard(value)
            return visitor.visit_value(rule or _URL, value, path) if is_kept else None
        if op is FieldOp.REFERENCE and path.endswith(".identifier.value"):
            # The UID of a study, the same as in images, or another identifier.
            is_uid = value.startswith("urn:oid:")
            rule = FieldRule(FieldOp.REFERENCE if is_uid else FieldOp.TOKEN)
        if rule is None or op in (FieldOp.WALK, FieldOp.ATTACHMENT):
            rule = FieldRule(FieldOp.DATE if _DATE.fullmatch(value) else FieldOp.TEXT)
        if rule.op is FieldOp.DATE and path.partition(".")[0] in self._rules.shared_types:
            rule = FieldRule(FieldOp.SHARED_DATE)
        new = visitor.visit_value(rule, value, path)
        return new or None

    def _is_standard(self, url: str) -> bool:
        return is_standard_url(url, self._rules.hosts, self._rules.urns)

    def _coding(
        self, value: dict[str, Any], path: str, visitor: FieldVisitor
    ) -> Optional[dict[str, Any]]:
        """Return a Coding; its display is cleaned as text if its code system is a local one."""
        system, code, display = (value.get(name) for name in ("system", "code", "display"))
        is_standard = isinstance(system, str) and self._is_standard(system)
        new: dict[str, Any] = {}
        if is_standard:
            new["system"] = visitor.visit_value(_URL, str(system), f"{path}.system")
        if isinstance(code, str) and _CODE.fullmatch(code):
            rule = FieldRule(FieldOp.KEEP if is_standard else FieldOp.WORD)
            kept = visitor.visit_value(rule, code, f"{path}.code")
            new["code"] = code if kept == code else None  # a part of a code is another code
        if isinstance(display, str):
            is_kept = is_standard and len(display) <= MAX_KEPT_CHARACTERS
            rule = FieldRule(FieldOp.KEEP if is_kept else FieldOp.TEXT)
            new["display"] = visitor.visit_value(rule, display, f"{path}.display")
        return {name: member for name, member in new.items() if member} or None

    def _extension(self, value: Any, path: str, visitor: FieldVisitor, depth: int) -> Any:
        """Return an extension whose URL is listed, or one inside it; ``None`` for others."""
        if not isinstance(value, dict):
            return None
        url = value.get("url")
        is_nested = ".extension.extension" in path
        kept = self._rules.nested_extensions if is_nested else self._rules.extensions
        if not isinstance(url, str) or url not in kept:
            return None
        rest = {name: inner for name, inner in value.items() if name != "url"}
        inner = self._members(rest, path, visitor, depth + 1)
        return {"url": url, **inner} if inner else None

    def _attachment(
        self, value: dict[str, Any], path: str, visitor: FieldVisitor, depth: int
    ) -> Optional[dict[str, Any]]:
        """Return an Attachment or Binary with cleaned text, PDF or CDA.

        Other content is removed. URL, hash and size are always removed, because they identify
        the original content.
        """
        content_type = str(value.get("contentType", ""))
        kept_type = standard_media_type(content_type)
        new = {"contentType": kept_type} if kept_type else {}
        for name in ("id", "language", "title", "creation"):
            if isinstance(value.get(name), str):
                changed = self._value(value[name], f"{path}.{name}", visitor, depth)
                if changed is not None:
                    new[name] = changed
        data = value.get("data")
        if isinstance(data, str):
            decoded = _decode_base64(data)
            cleaned = clean_embedded_document(decoded, content_type, visitor, f"{path}.data")
            if cleaned is not None:
                new["data"] = base64.b64encode(cleaned).decode()
                media_type = media_type_of(decoded, content_type)
                if media_type in MARKUP_TYPES | PLAIN_TEXT_TYPES and content_type:
                    new["contentType"] = f"{media_type};charset=UTF-8"
        return new or None


def _referenced_patient_id(resource: dict[str, Any]) -> str:
    """Return the ID of the resource that a resource names as its patient; empty if none."""
    for name in _SUBJECT_ELEMENTS:
        inner = resource.get(name)
        reference = inner.get("reference") if isinstance(inner, dict) else None
        if isinstance(reference, str) and reference_id(reference):
            return reference_id(reference)
    return ""


def _decode_base64(data: str) -> bytes:
    try:
        return base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        raise Refusal(
            Reason.MALFORMED_ROW, "the data of an attachment are not base64; correct them"
        ) from None
