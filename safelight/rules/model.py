"""Rule set: the content of a rules file, with the rule sets that it extends."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Literal

from safelight.pseudonyms import DEFAULT_SHIFT_RANGE
from safelight.rules.conditions import (
    AttributeGetter,
    Comparison,
    Condition,
    Filter,
    find_first_match,
)
from safelight.rules.operations import Operation
from safelight.rules.policies import PixelPolicy, TextPolicy
from safelight.rules.selectors import Selector
from safelight.standard import get_data_version
from safelight.standard.options import BASIC_PROFILE_CODE, Option

#: Part of the hash. Increase it when the meaning of an unchanged rules file changes, so that
#: objects that were de-identified before are processed again.
SEMANTICS_VERSION = 3

NameStyle = Literal["token", "surrogate"]
NAME_STYLES: tuple[NameStyle, ...] = ("token", "surrogate")
UndefinedAction = Literal["remove", "keep"]
UNDEFINED_ACTIONS: tuple[UndefinedAction, ...] = ("remove", "keep")


@dataclass(frozen=True)
class RuleEntry:
    """One tag of one entry of ``elements`` in a rules file.

    Attributes
    ----------
    selector : Selector
    action : str
        Action as written: a letter of PS3.15 or a name.
    operation : Operation or None
        None for the letters C, U and D, whose operation depends on the VR.
    value : str or None
        Value of the action ``literal``.
    reason : str
        Explanation for readers of the rule set.
    source : str
        Name of the rule set and index of the entry: ``NAME elements[I]``.
    line : int
        Line in the file, counted from 1.
    """

    selector: Selector
    action: str
    operation: Operation | None
    value: str | None
    reason: str
    source: str
    line: int


@dataclass(frozen=True)
class RuleSet:
    """Rule set, resolved over all rule sets that it extends.

    Attributes
    ----------
    name, version, description : str
    options : frozenset of Option
        Selected options of the Basic Profile.
    default : str
        ``keep`` or ``remove``: action for known standard attributes that neither Table E.1-1
        nor the rules name and that no module of the object's IOD defines.
    elements : tuple of RuleEntry
        The first entry that matches decides.
    filters : tuple of Filter
        The first filter that matches decides.
    shift_range : tuple of int
        First and last number of days that a patient's dates may be shifted by.
    patient_prefix : str
        Prefix of each patient pseudonym.
    uid_root : str
        Root of new UIDs; empty for UIDs that are derived from a UUID.
    issuer_in_identity : bool
        Whether the Issuer of Patient ID distinguishes patients with the same Patient ID.
    name_style : str
        Replacement of names: ``token`` or ``surrogate``.
    pixels : PixelPolicy
    text : TextPolicy
    """

    name: str
    version: str
    description: str = ""
    options: frozenset[Option] = frozenset()
    default: UndefinedAction = "remove"
    elements: tuple[RuleEntry, ...] = ()
    filters: tuple[Filter, ...] = ()
    shift_range: tuple[int, int] = DEFAULT_SHIFT_RANGE
    patient_prefix: str = ""
    uid_root: str = ""
    issuer_in_identity: bool = True
    name_style: NameStyle = "token"
    pixels: PixelPolicy = field(default_factory=PixelPolicy)
    text: TextPolicy = field(default_factory=TextPolicy)

    def get_method_codes(self) -> tuple[str, ...]:
        """Return the CID 7050 codes of the Basic Profile and of the selected options.

        An object receives only the codes of the methods that were applied to it.
        """
        return (BASIC_PROFILE_CODE, *sorted(option.code for option in self.options))

    def match_filter(self, get: AttributeGetter) -> Filter | None:
        """Return the first filter whose condition an object meets, or None."""
        return find_first_match(self.filters, get)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of everything in the rule set that determines the output, in hexadecimal.

        The keys are part of the hash. They are written out here, so that renaming an attribute
        of a class does not change the hash of an unchanged rules file.
        """
        content: dict[str, object] = {
            "semantics": SEMANTICS_VERSION,
            "tables": get_data_version(),
            "options": sorted(self.options),
            "default": self.default,
            "elements": [
                (entry.selector.text, entry.action, entry.value) for entry in self.elements
            ],
            "filters": [
                {"outcome": f.outcome, "when": _to_hash_content(f.condition), "reason": f.reason}
                for f in self.filters
            ],
            "shift_range": self.shift_range,
            "patient_prefix": self.patient_prefix,
            "issuer_in_identity": self.issuer_in_identity,
            "name_style": self.name_style,
            "pixels": asdict(self.pixels),  # its attributes are the keys of the rules file
            "text": dict(self.text.entities),
            "second_guess": self.text.second_guess,
        }
        if self.uid_root:  # rules without one keep the hash that they had
            content["uid_root"] = self.uid_root
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
        return hashlib.sha256(canonical.encode()).hexdigest()


def _to_hash_content(condition: Condition) -> dict[str, object]:
    """Return the representation of a condition in the hash of a rule set."""
    if isinstance(condition, Comparison):
        return {
            "keyword": condition.keyword,
            "test": condition.operator,
            "values": condition.values,
        }
    return {
        "how": condition.operator,
        "parts": [_to_hash_content(inner) for inner in condition.conditions],
    }
