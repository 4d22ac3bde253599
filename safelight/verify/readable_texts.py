"""List the texts of an output for a text model, and judge the spans that the model finds.

The model is passed in, so that this package knows neither a model nor a cluster.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple, Protocol

from safelight.verify.defects import Check, Defect, ValueHasher
from safelight.verify.dicom_object import DicomObject
from safelight.verify.element_contents import (
    METHOD_LOCATIONS,
    is_granted,
    is_replacement,
    may_hold_text,
)
from safelight.verify.elements import LeafElement
from safelight.verify.expectation import Expectation
from safelight.verify.identifiers import (
    fold_case,
    load_code_keywords,
    load_identifiers,
    load_product_keywords,
    load_vocabulary,
)

#: Confidence from which a name counts. With 0.8, the model that ships finds 86 % of names that the
#: lists of the verifier miss in short sentences, and lower values add names of products.
_MIN_CONFIDENCE: Final = 0.8
_NAME: Final = "NAME"

#: Words that may be names, and characters of technical terms such as GEMS_IDEN_01.
_WORD: Final = re.compile(r"[^\W\d_]{3,}")
_TECHNICAL: Final = re.compile(r"[\d_]")

#: Element numbers of private creators in an odd group (PS3.5, 7.8.1).
_PRIVATE_CREATORS: Final = range(0x10, 0x100)


class ModelSpan(Protocol):
    """Part of a text that a text model has found."""

    @property
    def begin(self) -> int:
        """Offset of the first code point."""

    @property
    def end(self) -> int:
        """Offset after the last code point."""

    @property
    def entity(self) -> str:
        """Label, such as ``NAME``."""

    @property
    def confidence(self) -> float:
        """Confidence from 0 to 1."""


#: Text model: takes texts and returns the spans of each text, in the same order.
TextReader = Callable[[Sequence[str]], Sequence[Sequence[ModelSpan]]]


class ReadableText(NamedTuple):
    """One text of an output. It may hold PHI that the de-identification has missed.

    Attributes
    ----------
    location : str
        Tag path.
    text : str
    """

    location: str
    text: str


def list_readable_texts(
    dicom_object: DicomObject, codes: frozenset[str], expectation: Expectation
) -> tuple[ReadableText, ...]:
    """Return the texts of an output in which a text model may find names.

    Comments of compressed frames are often bytes that are not text, in which a model finds names by
    chance; they are searched for shapes and values of the original only. Names of products, codes,
    identifiers that no option grants, which have a check of their own, and texts of technical words
    are left out.

    Parameters
    ----------
    dicom_object : DicomObject
    codes : frozenset of str
        CID 7050 codes in force.
    expectation : Expectation
        Nothing is listed if the rules write surrogate names, which look like names.
    """
    if expectation.surrogate_names:
        return ()
    found = (
        ReadableText(element.location, text)
        for element in dicom_object.elements
        if _is_readable(element, codes)
        for text in element.texts
        if _may_hold_name(text) and not is_replacement(text, element.vr)
    )
    return tuple(dict.fromkeys(found))


def _is_readable(element: LeafElement, codes: frozenset[str]) -> bool:
    """Return whether a text model reads the texts of an element."""
    if element.location.startswith(METHOD_LOCATIONS) or not may_hold_text(element):
        return False
    if element.is_private and element.tag & 0xFFFF in _PRIVATE_CREATORS:
        return False
    if element.keyword in load_product_keywords() | load_code_keywords():
        return False
    identifier = load_identifiers().get(element.keyword)
    is_checked = identifier is not None and not identifier.granted_by & codes
    return not is_checked and not is_granted(element, codes)


def _may_hold_name(text: str) -> bool:
    """Return whether a text has a word that is not a technical one."""
    return any(fold_case(word) not in load_vocabulary() for word in _WORD.findall(text))


def judge_spans(
    location: str, text: str, spans: Sequence[ModelSpan], hasher: ValueHasher
) -> Iterator[Defect]:
    """Yield the names of persons among the spans of a text.

    Parameters
    ----------
    location : str
        Tag path of the text.
    text : str
    spans : sequence of ModelSpan
        Spans that the model has found in the text.
    hasher : ValueHasher
    """
    for span in spans:
        value = text[span.begin : span.end]
        around = text[max(0, span.begin - 1) : span.end + 1]
        is_name = span.entity == _NAME and span.confidence >= _MIN_CONFIDENCE
        if is_name and _may_hold_name(value) and not _TECHNICAL.search(around):
            detail = "has a name of a person, as the text model reads it"
            yield Defect(Check.TEXT, location, detail, len(value), hasher(value))
