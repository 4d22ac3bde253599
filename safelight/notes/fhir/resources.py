"""FHIR R4 resources: whom they are about, and each element by the rule of its path."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any, Optional

from safelight.notes.embedded_documents import MARKUP, PLAIN, clean_embedded, kind_of
from safelight.notes.fhir.element_rules import fhir_table
from safelight.notes.fhir.patients import fhir_key, known_of, patient_identity_of, patients_of
from safelight.notes.fhir.references import is_public, reference_id
from safelight.notes.field_actions import FieldOp, FieldRule
from safelight.notes.field_cleaner import LONGEST_KEPT, FieldVisitor
from safelight.notes.field_values import is_short_number
from safelight.notes.record_subject import NotesOptions, Subject
from safelight.notes.xhtml import clean_xhtml
from safelight.records import Reason, Refusal
from safelight.text.generalization import OLDEST_AGE

__all__ = ["FhirNote", "is_resource", "patients_of"]

_DATE = re.compile(
    r"\d{4}-\d{2}(?:-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?)?"
)
_CODING = frozenset({"system", "version", "code", "display", "userSelected", "id", "extension"})
_ELEMENT = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}")
_CODE = re.compile(r"\S{1,40}")
_WORD = 5
_SUBJECTS = ("subject", "patient", "beneficiary", "individual", "for", "focus")
_MAXIMUM_DEPTH = 100


def is_resource(value: Any) -> bool:
    """Whether a JSON value is a FHIR resource, or an entry of a Bundle with one."""
    return isinstance(value, dict) and (
        isinstance(value.get("resourceType"), str) or isinstance(value.get("resource"), dict)
    )


def resource_of(value: dict[str, Any]) -> dict[str, Any]:
    """The resource of an entry, or the resource itself."""
    inner = value.get("resource")
    return inner if isinstance(inner, dict) and "resourceType" not in value else value


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


class FhirNote:
    """Resources as notes.

    Parameters
    ----------
    options : NotesOptions
    """

    def __init__(self, options: NotesOptions):
        self._options = options
        self._table = fhir_table()

    def subject(self, value: dict[str, Any]) -> Subject:
        """Whom a resource is about, and of whom else it speaks."""
        resource = resource_of(value)
        kind, own = str(resource.get("resourceType", "")), str(resource.get("id", ""))
        known = tuple(known_of(resource))
        note_id = f"{kind}/{own}" if own else ""
        if kind == "Patient":
            identity = patient_identity_of(resource, self._options)
            return Subject(identity, (fhir_key(own),) if own else (), note_id, known)
        fallback, keys = "", []
        for name in _SUBJECTS:
            inner = resource.get(name)
            reference = inner.get("reference") if isinstance(inner, dict) else None
            if isinstance(reference, str) and reference_id(reference):
                about = reference_id(reference)
                keys.append(fhir_key(about))
                fallback = self._options.identity(about)
                break
        else:
            keys.append(fhir_key(""))
        keys += [fhir_key(reference_id(reference)) for reference in _references(resource)]
        return Subject("", tuple(dict.fromkeys(keys)), note_id, known, fallback)

    def walk(self, value: dict[str, Any], visitor: FieldVisitor) -> Any:
        """The resource, or the entry, with every element as its rule says."""
        if "resourceType" in value:
            return self._resource(value, visitor, 0) or {"resourceType": value["resourceType"]}
        return self._members(value, "Bundle.entry", visitor, 0) or {}

    def _resource(self, value: dict[str, Any], visitor: FieldVisitor, depth: int) -> Any:
        kind = str(value["resourceType"])
        if not kind.isalpha() or len(kind) > 64:
            raise Refusal(Reason.MALFORMED_ROW, "resourceType is no name of a type; repair it")
        rule = self._table.paths.rule(kind)
        if rule is not None and rule.op is FieldOp.ATTACHMENT:
            inner = self._attachment(value, kind, visitor, depth)
            return {"resourceType": kind, **(inner or {})}
        return self._members(value, kind, visitor, depth)

    def _members(
        self, value: dict[str, Any], path: str, visitor: FieldVisitor, depth: int
    ) -> Optional[dict[str, Any]]:
        if depth > _MAXIMUM_DEPTH:
            raise Refusal(Reason.TOO_DEEP, "the resource is nested too deep; repair it")
        if value.keys() <= _CODING and isinstance(value.get("code"), str):
            return self._coding(value, path, visitor)
        new = {}
        for name, inner in value.items():
            if name.startswith("_") or name == "fhir_comments":
                continue
            if not _ELEMENT.fullmatch(name):
                continue  # no element of the standard: it may be anything
            changed = self._value(inner, f"{path}.{name}", visitor, depth + 1)
            if changed is not None and changed != [] and changed != {}:
                new[name] = changed
        return new or None

    def _value(self, value: Any, path: str, visitor: FieldVisitor, depth: int) -> Any:
        if isinstance(value, list):
            changed = [self._value(item, path, visitor, depth) for item in value]
            return [item for item in changed if item is not None]
        if path.endswith(".extension") or path.endswith(".modifierExtension"):
            return self._extension(value, path, visitor, depth)
        rule = self._table.paths.rule(path)
        op = rule.op if rule is not None else FieldOp.WALK
        if op is FieldOp.REMOVE or value is None:
            return None
        if isinstance(value, dict):
            if op is FieldOp.ATTACHMENT:
                return self._attachment(value, path, visitor, depth)
            if isinstance(value.get("resourceType"), str):
                return self._resource(value, visitor, depth)
            return self._members(value, path, visitor, depth)
        if isinstance(value, str):
            return self._string(value, rule, path, visitor)
        return self._number(value, op, path, visitor)

    @staticmethod
    def _number(value: Any, op: FieldOp, path: str, visitor: FieldVisitor) -> Any:
        """A number or boolean; of as many digits as an identifier only if it is a quantity's."""
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
            return value if is_public(value, self._table.hosts, self._table.urns) else None
        if op is FieldOp.REFERENCE and path.endswith(".identifier.value"):
            # An identifier that is the UID of a study, as images have it, or any other.
            is_uid = value.startswith("urn:oid:")
            rule = FieldRule(FieldOp.REFERENCE if is_uid else FieldOp.TOKEN)
        if rule is None or op in (FieldOp.WALK, FieldOp.ATTACHMENT):
            rule = FieldRule(FieldOp.DATE if _DATE.fullmatch(value) else FieldOp.TEXT)
        new = visitor.value(rule, value, path)
        return new or None

    def _coding(
        self, value: dict[str, Any], path: str, visitor: FieldVisitor
    ) -> Optional[dict[str, Any]]:
        """A code and what it means; the words of a local system are text."""
        system, code, display = (value.get(name) for name in ("system", "code", "display"))
        public = isinstance(system, str) and is_public(system, self._table.hosts, self._table.urns)
        new: dict[str, Any] = {"system": system} if public else {}
        if _CODE.fullmatch(str(code)):
            # A word for a code may be a name; shorter ones are what codes look like.
            word = str(code).isalpha() and len(str(code)) >= _WORD
            kept = visitor.value(FieldRule(FieldOp.KEEP), str(code), path) if word else code
            new["code"] = code if kept == code else None
        if isinstance(display, str):
            word = public and len(display) <= LONGEST_KEPT
            rule = FieldRule(FieldOp.KEEP if word else FieldOp.TEXT)
            new["display"] = visitor.value(rule, display, f"{path}.display")
        return {name: member for name, member in new.items() if member} or None

    def _extension(self, value: Any, path: str, visitor: FieldVisitor, depth: int) -> Any:
        if not isinstance(value, dict):
            return None
        url = value.get("url")
        nested = ".extension.extension" in path  # of one that is listed
        if not isinstance(url, str) or not (nested or url in self._table.extensions):
            return None
        rest = {name: inner for name, inner in value.items() if name != "url"}
        inner = self._members(rest, path, visitor, depth + 1)
        return {"url": url, **inner} if inner else None

    def _attachment(
        self, value: dict[str, Any], path: str, visitor: FieldVisitor, depth: int
    ) -> Optional[dict[str, Any]]:
        """Text, PDF and CDA are cleaned; other content goes, with all that points at it."""
        content = str(value.get("contentType", ""))
        new = {"contentType": content} if content else {}
        for name in ("id", "language", "title", "creation"):
            if isinstance(value.get(name), str):
                changed = self._value(value[name], f"{path}.{name}", visitor, depth)
                if changed is not None:
                    new[name] = changed
        data = value.get("data")
        if isinstance(data, str):
            decoded = _decode(data)
            cleaned = clean_embedded(decoded, content, visitor, f"{path}.data")
            if cleaned is not None:
                new["data"] = base64.b64encode(cleaned).decode()
                kind = kind_of(decoded, content)
                if kind in MARKUP | PLAIN and content:
                    new["contentType"] = f"{kind};charset=UTF-8"
        return new or None


def _decode(data: str) -> bytes:
    try:
        return base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        raise Refusal(Reason.MALFORMED_ROW, "an attachment is no base64; repair it") from None
