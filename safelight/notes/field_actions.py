"""Actions on the fields of records; the rule files in ``conf/notes`` name them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Optional


class FieldOp(str, Enum):
    """Action on one field."""

    KEEP = "keep"  # keep a short value, without the values known of the patient
    WORD = "word"  # as keep, but remove values with as many digits as an identifier
    CODE = "code"  # keep a code of plain words, remove other values
    VERBATIM = "verbatim"  # keep any value unchanged
    REMOVE = "remove"
    TEXT = "text"  # free text: replace the PHI in it
    NAME = "name"  # name of a person: token or surrogate, by the rules
    PATIENT_NAME = "patient_name"
    PATIENT_ID = "patient_id"  # the patient's pseudonym
    ISSUER = "issuer"  # issuer of the patient ID
    NOTE_ID = "note_id"
    TOKEN = "token"  # another identifier
    UID = "uid"
    DATE = "date"  # date or date-time
    SHARED_DATE = "shared_date"  # date that the records of several patients share
    BIRTH_DATE = "birth_date"
    AGE = "age"
    ZIP = "zip"
    NUMBER = "number"  # keep a number, remove other values
    ENTITY = "entity"  # the whole value is one entity: apply the text policy
    WALK = "walk"  # apply the rules of the elements inside
    REFERENCE = "reference"  # FHIR: reference, URL or ID of a resource
    URL = "url"  # FHIR: keep a URL of a standard
    XHTML = "xhtml"
    ATTACHMENT = "attachment"  # FHIR: an Attachment or a Binary
    BY_TYPE = "by_type"  # HL7 v2: action by the value type in OBX-2


#: Entity and kind of the known value that a field with this action contains.
_KNOWN_ENTITIES: dict[FieldOp, tuple[str, str]] = {
    FieldOp.NAME: ("NAME", ""),
    FieldOp.PATIENT_NAME: ("NAME", "PATIENT"),
    FieldOp.PATIENT_ID: ("ID", "MRN"),
    FieldOp.TOKEN: ("ID", ""),
    FieldOp.BIRTH_DATE: ("DATE", "BIRTH"),
    FieldOp.ZIP: ("LOCATION", "ZIP"),
}

ENTITIES = frozenset({"NAME", "DATE", "AGE", "ID", "LOCATION", "CONTACT", "PROFESSION"})


@dataclass(frozen=True)
class FieldRule:
    """Action on one field, and the entity of its value.

    Attributes
    ----------
    op : FieldOp
    entity, kind : str
        Coarse and fine label of the value; empty if the rule does not state them.
    """

    op: FieldOp
    entity: str = ""
    kind: str = ""

    @property
    def known(self) -> Optional[tuple[str, str]]:
        """Entity and kind of the value as a known value; ``None`` if it does not identify."""
        return (self.entity, self.kind) if self.entity else _KNOWN_ENTITIES.get(self.op)

    @property
    def name(self) -> str:
        """The rule in the notation of the rule files."""
        if self.op is not FieldOp.ENTITY:
            return str(self.op.value)
        return f"{self.entity}/{self.kind}" if self.kind else self.entity


def parse_rule(text: str) -> FieldRule:
    """Parse ``keep``, ``date`` … or an entity such as ``LOCATION`` or ``LOCATION/CITY``.

    An action may be followed by the entity of the value: ``remove LOCATION/STREET``.

    Raises
    ------
    ValueError
        If the text is neither an action nor an entity.
    """
    word, _, label = text.strip().partition(" ")
    if word.partition("/")[0] in ENTITIES:
        op, label = FieldOp.ENTITY, word
    else:
        try:
            op = FieldOp(word)
        except ValueError:
            words = ", ".join(op.value for op in FieldOp if op is not FieldOp.ENTITY)
            raise ValueError(
                f"{word!r} is not an action; use one of {words}, or an entity"
            ) from None
    entity, _, kind = label.strip().partition("/")
    if entity and entity not in ENTITIES:
        entities = ", ".join(sorted(ENTITIES))
        raise ValueError(f"{entity!r} is not an entity; use one of {entities}")
    return FieldRule(op, entity, kind)
