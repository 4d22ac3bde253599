"""Decide which warnings of an import keep an instance from being released.

Warnings are matched by their type. The numbers are ignored: on the page "HealthImaging Warning
Codes" of the developer guide, three of the decimal numbers do not equal the hexadecimal ones
beside them. The types have two spellings, ``INVALID_OFFSET_TABLE`` on that page and
``InvalidOffsetTable`` on the page "Understanding import jobs"; here they are one type.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum

from jobs.common.cli.errors import UsageError


class WarningAction(str, Enum):
    """Effect of a warning.

    Attributes
    ----------
    GATE
        The instance is held: it is recorded as not released.
    NOTE
        The warning is recorded, and the instance is released.
    """

    GATE = "gate"
    NOTE = "note"


#: Action by type. A type that is not listed, of a later version of the service, is a gate.
DEFAULT_ACTIONS: Mapping[str, WarningAction] = {
    # The store no longer holds the data set that was verified.
    "COERCION_OF_DATA_ELEMENTS": WarningAction.GATE,
    # The store holds less than was verified, and nothing else.
    "ELEMENTS_DISCARDED": WarningAction.NOTE,
    # Rules may remove elements that a SOP Class requires.
    "SOP_CLASS_DATA_MISMATCH": WarningAction.NOTE,
    "TRANSCODING_EXCEPTION": WarningAction.GATE,
    "FRAMES_EXTRACTION_FAILURE": WarningAction.GATE,
    "FRAME_NUMBER_MISMATCH": WarningAction.GATE,
    "INVALID_OFFSET_TABLE": WarningAction.GATE,
    "UNSUPPORTED_TRANSFER_SYNTAX": WarningAction.GATE,
    "INVALID_UID_FORMAT": WarningAction.GATE,
    "INVALID_DICOM_VALUE_LENGTH": WarningAction.GATE,
    "OTHER": WarningAction.GATE,
}

_BY_LETTERS = {name.replace("_", ""): name for name in DEFAULT_ACTIONS}

#: Types by the number that STOW-RS and QIDO-RS give instead of a type. Numbers that the page gives
#: in two ways are left out.
_TYPES_BY_NUMBER = {
    0xB000: "COERCION_OF_DATA_ELEMENTS",
    0xB006: "ELEMENTS_DISCARDED",
    0xB007: "SOP_CLASS_DATA_MISMATCH",
    0xB100: "TRANSCODING_EXCEPTION",
    0xB110: "FRAMES_EXTRACTION_FAILURE",
    0xB111: "FRAME_NUMBER_MISMATCH",
    0xB112: "INVALID_OFFSET_TABLE",
    0xB120: "UNSUPPORTED_TRANSFER_SYNTAX",
}


def normalize_type(text: str) -> str:
    """Return the name of a warning type in capital letters with underscores.

    Parameters
    ----------
    text : str
        Type in either spelling; an unknown one is returned in capital letters, with its other
        characters removed.
    """
    letters = "".join(c for c in text.upper() if c.isascii() and c.isalnum())
    return _BY_LETTERS.get(letters, letters or "OTHER")


def type_of_number(number: int) -> str:
    """Return the type of a number of WarningReason (0008,1196).

    The numbers 45569 to 45571 belong to one type by their hexadecimal form and to another by their
    decimal form, so they have no type here; as an unknown type they are gates.
    """
    return _TYPES_BY_NUMBER.get(number, f"REASON{number}")


class WarningPolicy:
    """Action of each warning type.

    Parameters
    ----------
    changes : mapping of str to WarningAction, optional
        Actions that differ from :data:`DEFAULT_ACTIONS`, by type.
    """

    def __init__(self, changes: Mapping[str, WarningAction] | None = None):
        self._actions = {**DEFAULT_ACTIONS, **(changes or {})}

    def find_gates(self, types: Iterable[str]) -> list[str]:
        """Return those of the types that hold an instance, sorted."""
        gate = WarningAction.GATE
        return sorted({one for one in types if self._actions.get(one, gate) is gate})


def parse_policy(texts: Sequence[str]) -> WarningPolicy:
    """Return the policy of ``--warning-policy`` arguments.

    Parameters
    ----------
    texts : sequence of str
        Arguments of the form ``TYPE=gate`` or ``TYPE=note``.

    Raises
    ------
    UsageError
        If an argument has another form, or the type is unknown.
    """
    changes = {}
    for text in texts:
        name, _, action = text.partition("=")
        kind = normalize_type(name)
        if kind not in DEFAULT_ACTIONS or action not in ("gate", "note"):
            raise UsageError(
                f"--warning-policy {text} is wrong; give TYPE=gate or TYPE=note with one of the "
                f"types {', '.join(DEFAULT_ACTIONS)}"
            )
        changes[kind] = WarningAction(action)
    return WarningPolicy(changes)
