"""Describe what the rules of a run leave in its outputs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from safelight.verify.dicom_object import DicomObject
from safelight.verify.elements import LeafElement
from safelight.verify.value_forms import ValueForm

#: Template of a value that the verifier cannot know, such as one of a lookup table.
ANY_VALUE = "{*}"

_REFERENCE = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True)
class PrivateRule:
    """Rule of an organisation for private elements.

    Attributes
    ----------
    pattern : str
        Regular expression of ``GGGG,CREATOR,EEEE``: group, creator in capitals, and element number.
    is_retained : bool
        Whether the original value may remain.
    """

    pattern: str
    is_retained: bool


@dataclass(frozen=True)
class Expectation:
    """Properties of the rules that the verifier needs, so that it does not read the rules.

    Attributes
    ----------
    granted_codes : frozenset of str or None
        CID 7050 codes that the rules provide for. None if they are not known; then the codes
        that an object claims are accepted.
    surrogate_names : bool
        Whether names may be replaced by surrogate names, which cannot be distinguished from
        original names.
    uid_root : str
        Root of new UIDs; empty if they are derived from a UUID.
    ruled_tags : frozenset of int
        Attributes of Table E.1-1 for which the organisation has a rule of its own, so that the
        profile does not say what their values must be.
    retained_tags : frozenset of int
        Those of them whose original value may remain, as a whole or in part.
    top_level_tags : frozenset of int
        Those of the ruled attributes that have no own rule inside sequences.
    kept_tags : frozenset of int
        Attributes whose original value an entry of the rules keeps as it is.
    cleaned_tags : frozenset of int
        Attributes from whose value an entry of the rules removes identifying parts.
    date_precisions : mapping of int to str
        Lowest precision of the dates that the rules reduce, by attribute: ``year``, ``quarter``,
        ``month``, or ``unknown``.
    literals : frozenset of str
        Dates and times that the rules write themselves.
    hash_forms : mapping of int to tuple
        Prefix, and most characters after it, of the keyed hash that the rules write, by attribute.
    written : mapping of int to tuple of str
        Values that the rules write themselves, by attribute. ``{Keyword}`` is a value of the
        output, and :data:`ANY_VALUE` any value.
    forms : mapping of int to ValueForm
        Form of the values that the rules always change, by attribute.
    private_rules : tuple of PrivateRule
        Rules for private elements, of which the first one that matches decides.
    """

    granted_codes: frozenset[str] | None = None
    surrogate_names: bool = False
    uid_root: str = ""
    ruled_tags: frozenset[int] = frozenset()
    retained_tags: frozenset[int] = frozenset()
    top_level_tags: frozenset[int] = frozenset()
    kept_tags: frozenset[int] = frozenset()
    cleaned_tags: frozenset[int] = frozenset()
    date_precisions: Mapping[int, str] = field(default_factory=dict)
    literals: frozenset[str] = frozenset()
    hash_forms: Mapping[int, tuple[str, int]] = field(default_factory=dict)
    written: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    forms: Mapping[int, ValueForm] = field(default_factory=dict)
    private_rules: tuple[PrivateRule, ...] = ()

    def is_ruled(self, element: LeafElement) -> bool:
        """Return whether an element is one of ``ruled_tags`` at its level.

        Parameters
        ----------
        element : LeafElement
        """
        return element.tag in self.ruled_tags and self._is_at_level(element)

    def may_retain(self, element: LeafElement) -> bool:
        """Return whether an element is one of ``retained_tags`` at its level.

        Parameters
        ----------
        element : LeafElement
        """
        return element.tag in self.retained_tags and self._is_at_level(element)

    def _is_at_level(self, element: LeafElement) -> bool:
        """Return whether own rules for the attribute of an element apply at its level."""
        return "." not in element.location or element.tag not in self.top_level_tags

    def is_written(self, element: LeafElement, text: str, output: DicomObject) -> bool:
        """Return whether the rules write a value into an element.

        Parameters
        ----------
        element : LeafElement
        text : str
            One value of the element.
        output : DicomObject
            Output that has the element.
        """
        templates = self.written.get(element.tag, ())
        return any(_matches_template(template, text, output) for template in templates)

    def retains_private(self, element: LeafElement) -> bool:
        """Return whether a rule of the organisation retains a private element.

        Parameters
        ----------
        element : LeafElement
            Element of any kind; standard elements and private creators are not retained by name.
        """
        if not self.private_rules or not element.is_private:
            return False
        return _find_private_rule(
            self.private_rules, element.tag >> 16, element.creator, element.tag & 0xFFFF
        )

    def retains_date(self, element: LeafElement) -> bool:
        """Return whether a rule of the organisation keeps a date as it is.

        Parameters
        ----------
        element : LeafElement
        """
        is_kept = element.tag in self.kept_tags and self._is_at_level(element)
        return is_kept or self.retains_private(element)


#: Expectation if the rules are not known.
NO_RULES = Expectation()


def _matches_template(template: str, text: str, output: DicomObject) -> bool:
    """Return whether a text is what a template gives in an output. Long texts may be cut."""
    if template == ANY_VALUE:
        return True
    composed = re.compile(_compile_template(template, output), re.DOTALL)
    return composed.fullmatch(text.strip("\0 ")) is not None


def _compile_template(template: str, output: DicomObject) -> str:
    """Return the pattern of the values of a template."""
    parts = _REFERENCE.split(template.strip())
    return "".join(
        _compile_reference(part, output) if number % 2 else re.escape(part)
        for number, part in enumerate(parts)
    )


def _compile_reference(keyword: str, output: DicomObject) -> str:
    """Return the pattern of a reference: the value of an attribute of the top level, or any."""
    values = [
        "\\".join(element.texts).strip("\0 ")
        for element in output.elements
        if element.keyword == keyword and "." not in element.location
    ]
    return re.escape(values[0]) if values else ".*"


@lru_cache(maxsize=4096)
def _find_private_rule(
    rules: tuple[PrivateRule, ...], group: int, creator: str, number: int
) -> bool:
    text = f"{group:04X},{' '.join(creator.split())},{number:04X}"
    for rule in rules:
        if re.fullmatch(rule.pattern, text):
            return rule.is_retained
    return False
