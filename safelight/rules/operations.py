"""What can happen to an element: the operations that the header engine carries out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Operation(IntEnum):
    """One operation on one element."""

    KEEP = 0
    REMOVE = 1
    EMPTY = 2
    DUMMY = 3  # a constant that fits the VR; of a sequence: its leaves
    UID = 4  # map, unless the standard registers the value
    SHIFT = 5  # move the date by the patient's days; a time stays
    CLEAN = 6  # remove what identifies from free text
    PATIENT_ID = 7
    TOKEN = 8  # keyed token that fits the VR
    NAME = 9  # token or surrogate, as the rule set says
    AGE = 10  # keep up to 89 years, 090Y above
    LITERAL = 11
    RECURSE = 12  # keep the sequence, apply the rules inside
    STRUCTURED_CONTENT = 13  # content tree of a report: clean it, or refuse the object
    ENCAPSULATED_DOCUMENT = 14  # PDF, CDA, …: clean it, or refuse the object


class Recheck(IntEnum):
    """How far a kept text is second-guessed."""

    ANY = 0  # free text: whatever is found
    CONFIDENT = 1  # set terms that a table vouches for: only what is found with confidence
    NONE = 2  # identifies, and the organisation wants it kept: nothing


@dataclass(frozen=True)
class AttributeRule:
    """The decision on one attribute at one place.

    Attributes
    ----------
    operation : Operation
    source : str
        Which rule decided, for the audit: ``E.1-1 X/Z/D type 2``, ``research elements[3]``.
    argument : str or None
        The value of ``LITERAL``; the VR of a private element that may be stored as UN.
    fallback : Operation
        What ``CLEAN`` becomes where text cannot be cleaned: REMOVE, EMPTY or DUMMY.
    recheck : Recheck
        Which findings of the text model count against a value that is kept.
    """

    operation: Operation
    source: str
    argument: str | None = None
    fallback: Operation = Operation.REMOVE
    recheck: Recheck = Recheck.ANY
