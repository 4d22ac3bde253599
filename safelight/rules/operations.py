"""Operations of the header stage on an element, and the rule that selects one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Operation(IntEnum):
    """Operation on one element."""

    KEEP = 0
    REMOVE = 1
    EMPTY = 2
    DUMMY = 3  # a constant that fits the VR; in a sequence, the elements of its items
    UID = 4  # map the UID, unless the standard registers it
    SHIFT = 5  # shift the date by the days of the patient; a time is kept
    CLEAN = 6  # remove identifying parts of free text
    PATIENT_ID = 7  # the pseudonym of the patient
    TOKEN = 8  # a keyed token that fits the VR
    NAME = 9  # a token or a surrogate name, depending on the rule set
    AGE = 10  # keep up to 89 years; 090Y above
    LITERAL = 11  # a fixed value
    RECURSE = 12  # keep the sequence and apply the rules to its items
    STRUCTURED_CONTENT = 13  # clean the content tree of a report, or refuse the object
    ENCAPSULATED_DOCUMENT = 14  # clean the document (PDF, CDA), or refuse the object


class Recheck(IntEnum):
    """Findings of the text model that count against a value that the rules keep."""

    ALL = 0  # free text
    CONFIDENT = 1  # technical vocabulary according to a table: only confident findings
    NONE = 2  # identifying according to a table, and kept by the organisation on purpose


@dataclass(frozen=True)
class AttributeRule:
    """Rule for one attribute at one place of an object.

    Attributes
    ----------
    operation : Operation
    source : str
        Origin of the rule, for the audit: ``E.1-1 X/Z/D type 2``, ``research elements[3]``.
    argument : str or None
        Value for ``LITERAL``; or the VR of a private element that may be stored as UN.
    fallback : Operation
        Replaces ``CLEAN`` where text cannot be cleaned: REMOVE, EMPTY or DUMMY.
    recheck : Recheck
        Findings of the text model that count if the value is kept.
    """

    operation: Operation
    source: str
    argument: str | None = None
    fallback: Operation = Operation.REMOVE
    recheck: Recheck = Recheck.ALL
