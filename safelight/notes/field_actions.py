"""What happens to one field of a record: the actions that the tables in ``conf/notes`` name."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Optional


class FieldOp(str, Enum):
    """One action on one field."""

    KEEP = "keep"  # passes, less what is known of the patient
    WORD = "word"  # as keep, but goes if it has as many digits as an identifier
    VERBATIM = "verbatim"  # passes whatever it holds
    REMOVE = "remove"
    TEXT = "text"  # free text: cut what identifies out of it
    NAME = "name"  # somebody's name: token or surrogate, as the rules say
    PATIENT_NAME = "patient_name"
    PATIENT_ID = "patient_id"  # the patient's pseudonym
    ISSUER = "issuer"  # who gave the patient's ID
    NOTE_ID = "note_id"
    TOKEN = "token"  # another identifier
    UID = "uid"
    DATE = "date"  # date or date-time
    BIRTH_DATE = "birth_date"
    AGE = "age"
    ZIP = "zip"
    NUMBER = "number"  # passes if it is a number, else it goes
    ENTITY = "entity"  # the whole value is of one entity: as the text policy says
    WALK = "walk"  # look inside
    REFERENCE = "reference"  # FHIR: a reference, URL or id of a resource
    URL = "url"  # FHIR: passes if its host is one of the standard's
    XHTML = "xhtml"
    ATTACHMENT = "attachment"  # FHIR: an Attachment or a Binary
    BY_TYPE = "by_type"  # HL7v2: as OBX-2 says


#: Entity and kind of the known value that a field of this action holds.
_KNOWN: dict[FieldOp, tuple[str, str]] = {
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
    """The decision on one field.

    Attributes
    ----------
    op : FieldOp
    entity, kind : str
        Coarse and fine label of the value, where it is of one; both may be empty.
    """

    op: FieldOp
    entity: str = ""
    kind: str = ""

    @property
    def known(self) -> Optional[tuple[str, str]]:
        """Entity and kind under which the value is looked for elsewhere, if it identifies."""
        return (self.entity, self.kind) if self.entity else _KNOWN.get(self.op)

    @property
    def name(self) -> str:
        """The rule as the tables write it."""
        if self.op is not FieldOp.ENTITY:
            return str(self.op.value)
        return f"{self.entity}/{self.kind}" if self.kind else self.entity


def parse_rule(text: str) -> FieldRule:
    """Read ``keep``, ``date`` … or an entity such as ``LOCATION`` or ``LOCATION/CITY``.

    Words may be followed by the entity of the value: ``remove LOCATION/STREET``.

    Raises
    ------
    ValueError
        If it is neither.
    """
    word, _, label = text.strip().partition(" ")
    if word.partition("/")[0] in ENTITIES:
        op, label = FieldOp.ENTITY, word
    else:
        try:
            op = FieldOp(word)
        except ValueError:
            words = ", ".join(op.value for op in FieldOp if op is not FieldOp.ENTITY)
            raise ValueError(f"{word!r} is no action; one of {words}, or an entity") from None
    entity, _, kind = label.strip().partition("/")
    if entity and entity not in ENTITIES:
        raise ValueError(f"{entity!r} is no entity; one of {', '.join(sorted(ENTITIES))}")
    return FieldRule(op, entity, kind)
