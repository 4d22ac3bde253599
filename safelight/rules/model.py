"""The rule set: what an organisation's rules file says, read and resolved."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from typing import Literal

from safelight.pseudonyms import DEFAULT_SHIFT_RANGE
from safelight.rules.conditions import AttributeGetter, Filter, find_first_match
from safelight.rules.operations import Operation
from safelight.rules.policies import PixelPolicy, TextPolicy
from safelight.rules.selectors import Selector
from safelight.standard import get_data_version
from safelight.standard.options import BASIC_PROFILE_CODE, Option

#: Raised when the meaning of an unchanged rules file changes, so that work is done again.
SEMANTICS_VERSION = 2

NameStyle = Literal["token", "surrogate"]
NAME_STYLES: tuple[NameStyle, ...] = ("token", "surrogate")
Default = Literal["remove", "keep"]
DEFAULTS: tuple[Default, ...] = ("remove", "keep")


@dataclass(frozen=True)
class RuleEntry:
    """One entry of ``elements``.

    Attributes
    ----------
    selector : Selector
    action : str
        As written: a letter of PS3.15 or a name.
    operation : Operation or None
        ``None`` for the letters C, U and D, whose operation depends on the VR.
    value : str or None
        Of ``literal``.
    reason : str
        For people.
    source : str
        ``NAME elements[I]``.
    line : int
        In its file, from 1.
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
    """A resolved rule set.

    Attributes
    ----------
    name, version, description : str
    options : frozenset of Option
        Options of PS3.15 that are selected.
    default : str
        What happens to known standard attributes that neither the table nor the rules name
        and that no module of the object's IOD defines.
    elements : tuple of RuleEntry
        First match wins.
    filters : tuple of Filter
        First match wins.
    shift_range : tuple of int
        Days, first and last.
    patient_prefix : str
    issuer_in_identity : bool
        Whether the Issuer of Patient ID tells patients with the same Patient ID apart.
    name_style : str
    pixels : PixelPolicy
    text : TextPolicy
    """

    name: str
    version: str
    description: str = ""
    options: frozenset[Option] = frozenset()
    default: Default = "remove"
    elements: tuple[RuleEntry, ...] = ()
    filters: tuple[Filter, ...] = ()
    shift_range: tuple[int, int] = DEFAULT_SHIFT_RANGE
    patient_prefix: str = ""
    issuer_in_identity: bool = True
    name_style: NameStyle = "token"
    pixels: PixelPolicy = field(default_factory=PixelPolicy)
    text: TextPolicy = field(default_factory=TextPolicy)

    def get_method_codes(self) -> tuple[str, ...]:
        """CID 7050 codes that the rules ask for; the engine writes those it carried out."""
        return (BASIC_PROFILE_CODE, *sorted(option.code for option in self.options))

    def match_filter(self, get: AttributeGetter) -> Filter | None:
        """The first filter that an object meets, or ``None``."""
        return find_first_match(self.filters, get)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of all that decides on the output, in hexadecimal."""
        content = {
            "semantics": SEMANTICS_VERSION,
            "tables": get_data_version(),
            "options": sorted(self.options),
            "elements": [(e.selector.text, e.action, e.value) for e in self.elements],
            "filters": [asdict(one) for one in self.filters],
            "text": dict(self.text.entities),
            "second_guess": self.text.second_guess,
            "pixels": asdict(self.pixels),
        }
        plain = {"default", "shift_range", "patient_prefix", "issuer_in_identity", "name_style"}
        content.update({f.name: getattr(self, f.name) for f in fields(self) if f.name in plain})
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
        return hashlib.sha256(canonical.encode()).hexdigest()
