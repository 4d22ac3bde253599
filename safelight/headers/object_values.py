"""Values of one object that lookups, composed values and created elements need."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from safelight.dicom import character_sets
from safelight.dicom.elements import ElementReader
from safelight.dicom.encoding import MAX_CHARACTERS, STRING_VRS, Encoding
from safelight.dicom.values import format_numbers
from safelight.headers.element_references import ReferenceReader
from safelight.records import Reason, Refusal
from safelight.rules.action_parameters import ActionParameters
from safelight.rules.lookups import LookupRows, LookupTable, normalize_key
from safelight.rules.references import THIS

_REFERENCE = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True)
class FoundValue:
    """Result of a lookup.

    Attributes
    ----------
    value : str or None
        Value of the table; None if the table has no value for the key.
    key : str
        Value that was looked up. PHI.
    missing : str
        What the rules do without a value: ``remove``, ``derive`` or ``keep``.
    """

    value: str | None
    key: str
    missing: str


class ObjectValues:
    """Values of one source object, and of the new object that is written from it. HOLDS PHI.

    Parameters
    ----------
    source : ReferenceReader
        Reader of the source object.
    read_new : callable
        Returns the value in the new object of a standard attribute of the top level, by keyword
        or tag.
    tables : mapping of str to tuple
        Definition and rows of each lookup table.
    """

    def __init__(
        self,
        source: ReferenceReader,
        read_new: Callable[[str], str],
        tables: Mapping[str, tuple[LookupTable, LookupRows]],
    ):
        self._source = source
        self._read_new = read_new
        self._tables = tables

    def compose(self, parameters: ActionParameters, vr: str) -> str:
        """Return a text with the values of the new object that its template refers to.

        Parameters
        ----------
        parameters : ActionParameters
        vr : str
            A longer text than the VR can hold is cut.
        """
        text = _REFERENCE.sub(lambda match: self._read_new(match[1]), parameters.template)
        return text.strip()[: MAX_CHARACTERS.get(vr)]

    def look_up(self, parameters: ActionParameters, own_value: str) -> FoundValue:
        """Return the value of a lookup table.

        Parameters
        ----------
        parameters : ActionParameters
        own_value : str
            Value of the element that the rule is applied to. PHI.

        Raises
        ------
        Refusal
            ``LOOKUP_MISSING`` if the table has no value, and the rules quarantine such objects.
        """
        table, rows = self._tables[parameters.table]
        key = own_value if table.match == THIS else self._source.read(table.match)
        value = rows.get(normalize_key(key), {}).get(parameters.column) or None
        if value is None and table.missing == "quarantine":
            raise Refusal(
                Reason.LOOKUP_MISSING,
                f"the lookup table {table.name} has no {parameters.column} for this object; add "
                "a row, or let the rules say another action for missing rows",
            )
        if value is None and table.missing == "default":
            value = table.default
        return FoundValue(value, key, table.missing)

    def keeps_value(self, parameters: ActionParameters, own_value: str) -> bool:
        """Return whether a value stays, because the lookup table lacks it and the rules say so.

        Parameters
        ----------
        parameters : ActionParameters
        own_value : str
            Value of the element that the rule is applied to. PHI.
        """
        return parameters.keeps_missing and self.look_up(parameters, own_value).value is None


def decode_element(encoded: bytes, encoding: Encoding, text_encodings: tuple[str, ...]) -> str:
    """Return the value of one encoded element as text; empty if it has none.

    Parameters
    ----------
    encoded : bytes
        The whole element, or empty bytes.
    encoding : Encoding
    text_encodings : tuple of str
        Python codecs of the Specific Character Set.
    """
    found, _ = ElementReader(encoded).read_elements(0, len(encoded), encoding)
    if not found:
        return ""
    raw = encoded[found[0].value : found[0].stop]
    if found[0].vr in STRING_VRS:
        return character_sets.decode(raw, found[0].vr, text_encodings).strip(" \0")
    return format_numbers(raw, found[0].vr, encoding)
