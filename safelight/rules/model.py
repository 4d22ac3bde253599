"""Rule set: the content of a rules file, with the rule sets that it extends."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Literal

from safelight.pseudonyms import DEFAULT_SHIFT_RANGE
from safelight.rules.action_parameters import ActionParameters, Precision
from safelight.rules.additions import Addition
from safelight.rules.conditions import (
    AttributeGetter,
    Comparison,
    Condition,
    Filter,
    find_first_match,
)
from safelight.rules.encryption import EncryptionPolicy
from safelight.rules.lookups import LookupTable
from safelight.rules.operations import Operation
from safelight.rules.policies import PixelPolicy, TextPolicy
from safelight.rules.selectors import Selector
from safelight.standard import get_data_version
from safelight.standard.options import BASIC_PROFILE_CODE, Option

#: Part of the hash. Increase it when the meaning of an unchanged rules file changes, so that
#: objects that were de-identified before are processed again.
SEMANTICS_VERSION = 4

NameStyle = Literal["token", "surrogate"]
NAME_STYLES: tuple[NameStyle, ...] = ("token", "surrogate")
UndefinedAction = Literal["profile", "remove", "keep"]
UNDEFINED_ACTIONS: tuple[UndefinedAction, ...] = ("profile", "remove", "keep")

#: Names of `RuleSet.default` in the hash, so that rules whose meaning is the same keep theirs.
_HASHED_DEFAULTS: dict[UndefinedAction, str] = {
    "profile": "remove",
    "remove": "remove unnamed",
    "keep": "keep",
}


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
    exceptions : tuple of Selector
        Elements that the entry does not select.
    condition : Comparison, Combination or None
        Condition under which the entry is applied; None if it always is.
    parameters : ActionParameters or None
        Parameters of an action that computes a new value.
    """

    selector: Selector
    action: str
    operation: Operation | None
    value: str | None
    reason: str
    source: str
    line: int
    exceptions: tuple[Selector, ...] = ()
    condition: Condition | None = None
    parameters: ActionParameters | None = None

    def selects(self, path: tuple[int, ...], tag: int, vr: str) -> bool:
        """Return whether the entry selects a standard element; see `Selector.matches`.

        Parameters
        ----------
        path : tuple of int
            Tags of the sequences that contain the element, the outermost first.
        tag : int
        vr : str
        """
        return self.selector.matches(path, tag, vr) and not any(
            selector.matches(path, tag, vr) for selector in self.exceptions
        )

    def selects_private(self, path: tuple[int, ...], creator: str, group: int, number: int) -> bool:
        """Return whether the entry selects a private element; see `Selector.matches_private`.

        Parameters
        ----------
        path : tuple of int
            Tags of the sequences that contain the element, the outermost first.
        creator : str
            Private creator of the element's block.
        group : int
        number : int
            Element number, such as ``0x100F``.
        """
        return self.selector.matches_private(path, creator, group, number) and not any(
            selector.matches_private(path, creator, group, number) for selector in self.exceptions
        )

    def to_hash_content(self) -> tuple[object, ...]:
        """Return the representation of the entry in the hash of a rule set."""
        content: tuple[object, ...] = (self.selector.text, self.action, self.value)
        more: dict[str, object] = {}
        if self.exceptions:
            more["except"] = [selector.text for selector in self.exceptions]
        if self.condition is not None:
            more["when"] = _to_hash_content(self.condition)
        if self.parameters is not None:
            more.update(self.parameters.list_settings())
        if self.action == "quarantine":
            more["reason"] = self.reason
        return (*content, more) if more else content  # others keep the hash that they had


@dataclass(frozen=True)
class RuleSet:
    """Rule set, resolved over all rule sets that it extends.

    Attributes
    ----------
    name, version, description : str
    options : frozenset of Option
        Selected options of the Basic Profile.
    default : str
        Action for known standard attributes that neither Table E.1-1 nor the rules name:
        ``profile`` removes those that no module of the object's IOD defines, ``keep`` removes none
        of them, and ``remove`` removes all without which the object can be read.
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
    default_issuer : str
        Issuer of the patient IDs that are given without one.
    name_style : str
        Replacement of names: ``token`` or ``surrogate``.
    pixels : PixelPolicy
    text : TextPolicy
    date_precision : str
        Precision of shifted dates: ``day``, ``month``, ``quarter`` or ``year``.
    date_lookup : ActionParameters or None
        Lookup table and column with the days that the dates of each patient are shifted by; None
        derives them from the key.
    lookups : tuple of LookupTable
        Tables for the action ``lookup`` and for the shifts of dates.
    additions : tuple of Addition
        Elements to create; of one tag, the first one whose condition is met.
    dummies : tuple of tuple of str
        VR and dummy value, where it is not the one of the software.
    encryption : EncryptionPolicy or None
        Original values that are encrypted for recipients.
    """

    name: str
    version: str
    description: str = ""
    options: frozenset[Option] = frozenset()
    default: UndefinedAction = "profile"
    elements: tuple[RuleEntry, ...] = ()
    filters: tuple[Filter, ...] = ()
    shift_range: tuple[int, int] = DEFAULT_SHIFT_RANGE
    patient_prefix: str = ""
    uid_root: str = ""
    issuer_in_identity: bool = True
    default_issuer: str = ""
    name_style: NameStyle = "token"
    pixels: PixelPolicy = field(default_factory=PixelPolicy)
    text: TextPolicy = field(default_factory=TextPolicy)
    date_precision: Precision = "day"
    date_lookup: ActionParameters | None = None
    lookups: tuple[LookupTable, ...] = ()
    additions: tuple[Addition, ...] = ()
    dummies: tuple[tuple[str, str], ...] = ()
    encryption: EncryptionPolicy | None = None

    def get_method_codes(self) -> tuple[str, ...]:
        """Return the CID 7050 codes of the Basic Profile and of the selected options.

        An object receives only the codes of the methods that were applied to it.

        Returns
        -------
        tuple of str
            Codes of scheme DCM, such as ``113100``.
        """
        return (BASIC_PROFILE_CODE, *sorted(option.code for option in self.options))

    def match_filter(self, get: AttributeGetter) -> Filter | None:
        """Return the first filter whose condition an object meets.

        Parameters
        ----------
        get : callable
            Returns the text of an element by its reference; empty if the object lacks it.

        Returns
        -------
        Filter or None
            None if the object meets no condition.
        """
        return find_first_match(self.filters, get)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of everything in the rule set that determines the output, in hexadecimal."""
        content = self.list_hash_content()
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
        return hashlib.sha256(canonical.encode()).hexdigest()

    def list_hash_content(self) -> dict[str, object]:
        """Return everything in the rule set that determines the output, by its part.

        The keys are part of the hash. They are written out here, so that renaming an attribute
        of a class does not change the hash of an unchanged rules file.

        Returns
        -------
        dict of str to object
            Values of JSON, or objects with a text form.
        """
        content: dict[str, object] = {
            "semantics": SEMANTICS_VERSION,
            "tables": get_data_version(),
            "options": sorted(self.options),
            "default": _HASHED_DEFAULTS[self.default],
            "elements": [entry.to_hash_content() for entry in self.elements],
            "filters": [
                {"outcome": f.outcome, "when": _to_hash_content(f.condition), "reason": f.reason}
                for f in self.filters
            ],
            "shift_range": self.shift_range,
            "patient_prefix": self.patient_prefix,
            "issuer_in_identity": self.issuer_in_identity,
            "name_style": self.name_style,
            "pixels": _list_pixel_settings(self.pixels),
            "text": dict(self.text.entities),
            "second_guess": self.text.second_guess,
        }
        if self.uid_root:  # rules without one keep the hash that they had
            content["uid_root"] = self.uid_root
        content.update(self._list_additional_content())
        return content

    def _list_additional_content(self) -> dict[str, object]:
        """Return the content of the hash that only some rule sets have."""
        content: dict[str, object] = {}
        if self.default_issuer:
            content["default_issuer"] = self.default_issuer
        if self.date_precision != "day":
            content["date_precision"] = self.date_precision
        if self.date_lookup is not None:
            content["date_lookup"] = self.date_lookup.list_settings()
        if self.lookups:
            content["lookups"] = [table.list_hash_content() for table in self.lookups]
        if self.additions:
            content["add"] = [
                {
                    "tag": one.tag,
                    "always": one.always,
                    "when": _to_hash_content(one.condition) if one.condition else None,
                    **one.list_settings(),
                }
                for one in self.additions
            ]
        if self.dummies:
            content["dummies"] = dict(self.dummies)
        if self.text.unsupported_language != "refuse":
            content["unsupported_language"] = self.text.unsupported_language
        if self.encryption is not None:
            content["encrypt"] = self.encryption.list_hash_content()
        if self.pixels.regions:
            content["regions"] = [
                {
                    entry.action: entry.boxes,
                    "manufacturer": entry.device.manufacturers,
                    "model": entry.device.models,
                    "when": _to_hash_content(entry.condition) if entry.condition else None,
                }
                for entry in self.pixels.regions
            ]
        return content


def _list_pixel_settings(pixels: PixelPolicy) -> dict[str, object]:
    """Return the settings of ``pixels`` by their keys in the rules file, without ``regions``."""
    settings = asdict(pixels)
    del settings["regions"]  # rules without regions keep the hash that they had
    if pixels.denied_devices == "quarantine":
        del settings["denied_devices"]  # so do rules that follow the catalog
    return settings


def _to_hash_content(condition: Condition) -> dict[str, object]:
    """Return the representation of a condition in the hash of a rule set."""
    if isinstance(condition, Comparison):
        content: dict[str, object] = {
            "keyword": condition.keyword,
            "test": condition.operator,
            "values": condition.values,
        }
        return {**content, "other": condition.other} if condition.other else content
    return {
        "how": condition.operator,
        "parts": [_to_hash_content(inner) for inner in condition.conditions],
    }
