"""List the attributes in which a rule set writes the same text for every patient.

Such a text identifies no patient: it follows from the rules, whose name each catalog of a release
has. It is recorded as a hash, because a literal of the rules may equal a value of a patient, and
the table of runs is not a restricted one. A text that is written under a condition only is not
listed: it may separate few patients from the others.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from pydicom.datadict import keyword_for_tag

from safelight.rules.attributes import get_vr
from safelight.rules.model import RuleEntry, RuleSet
from safelight.rules.operations import Operation
from safelight.rules.selectors import Selector, parse_selector
from safelight.rules.unconditional_entries import is_unconditional

#: Dates and UIDs have treatments of their own in a release.
_OTHER_VRS: Final = frozenset({"DA", "DT", "TM", "UI"})

_SEPARATOR: Final = "\\"
_REFERENCE: Final = "{"


@dataclass(frozen=True)
class WrittenTexts:
    """Texts that the rules of runs write for every patient.

    Attributes
    ----------
    digests : mapping of str to mapping
        Hashes of the texts by selector, by the hash of the rules.
    """

    digests: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Return whether there are any."""
        return any(self.digests.values())

    def has(self, rules_hash: str, path: tuple[int, ...], tag: int, vr: str, text: str) -> bool:
        """Return whether the rules write a text into an element for every patient.

        Parameters
        ----------
        rules_hash : str
            Hash of the rules that made the object.
        path : tuple of int
            Tags of the sequences that contain the element, the outermost first.
        tag : int
            Tag of a standard element.
        vr : str
        text : str
            One value.
        """
        return any(
            _digest(rules_hash, selector, text.strip()) in digests
            for selector, digests in self.digests.get(rules_hash, {}).items()
            if _parse(selector).matches(path, tag, vr)
        )

    def list_selectors(self) -> list[str]:
        """Return the selectors of the attributes, sorted."""
        return sorted({selector for one in self.digests.values() for selector in one})


_parse = lru_cache(maxsize=1024)(parse_selector)


def _digest(rules_hash: str, selector: str, text: str) -> str:
    message = json.dumps([selector, text])
    return hmac.digest(rules_hash.encode(), message.encode(), "sha256").hex()


def encode_written_texts(rules: RuleSet) -> str:
    """Return the texts that a rule set writes for every patient as JSON; empty without any.

    Parameters
    ----------
    rules : RuleSet
    """
    found: dict[str, set[str]] = {}
    for selector, texts in _list_texts(rules):
        for text in filter(None, map(str.strip, texts.split(_SEPARATOR))):
            found.setdefault(selector, set()).add(_digest(rules.hash, selector, text))
    return json.dumps({key: sorted(found[key]) for key in sorted(found)}) if found else ""


def decode_written_texts(encoded: Iterable[tuple[str, str]]) -> WrittenTexts:
    """Return the texts of several rule sets.

    Parameters
    ----------
    encoded : iterable of tuple of str
        Hash of the rules, and the result of :func:`encode_written_texts` for them.
    """
    digests = {}
    for rules_hash, text in encoded:
        if text:
            content = json.loads(text)
            digests[rules_hash] = {key: frozenset(values) for key, values in content.items()}
    return WrittenTexts(digests)


def _list_texts(rules: RuleSet) -> Iterator[tuple[str, str]]:
    """Yield selector and text of what the rules write without a condition."""
    for index, entry in enumerate(rules.elements):
        text = _find_text(entry)
        if text is not None and is_unconditional(entry, rules.elements[:index]):
            yield entry.selector.text, text
    for addition in rules.additions:
        if addition.condition is not None or addition.creator:
            continue
        for tag, parameters in addition.list_values():
            is_text = parameters.action == "text" and get_vr(tag) not in _OTHER_VRS
            if is_text and _REFERENCE not in parameters.template:
                yield f"*/{keyword_for_tag(tag)}", parameters.template
    for vr, value in rules.dummies:
        if vr not in _OTHER_VRS:
            yield f"*/{{{vr}}}", value


def _may_hold_text(selector: Selector) -> bool:
    """Return whether a selector may select a standard element of a text or a number."""
    vr = get_vr(selector.tag) if selector.tag is not None else selector.steps[-1].vr
    return not selector.is_private and vr not in _OTHER_VRS


def _find_text(entry: RuleEntry) -> str | None:
    """Return the text that an entry writes into each element; None without one."""
    if not _may_hold_text(entry.selector):
        return None
    if entry.operation is Operation.LITERAL:
        return entry.value
    parameters = entry.parameters
    if parameters is None or parameters.action != "text" or _REFERENCE in parameters.template:
        return None
    return parameters.template
