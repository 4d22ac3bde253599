"""Search an output for the identifying values of its original."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from safelight.verify.defects import Check, Defect, ValueHasher
from safelight.verify.deidentification_labels import RETAIN_UIDS
from safelight.verify.dicom_object import DicomObject
from safelight.verify.element_contents import METHOD_LOCATIONS, is_placeholder
from safelight.verify.elements import BYTE_VRS, FREE_TEXT_VRS, LeafElement
from safelight.verify.expectation import NO_RULES, Expectation
from safelight.verify.identifiers import (
    fold_case,
    is_public_uid,
    load_identifiers,
    load_product_keywords,
)
from safelight.verify.original_values import (
    OriginalValue,
    collect_original_values,
    may_retain,
)
from safelight.verify.profile_attributes import is_protected, is_retained
from safelight.verify.value_patterns import ValuePattern, compile_pattern, normalize_uid

#: Shortest value that is searched for in the bytes of the file.
_MIN_CHARACTERS_IN_BYTES = 6
#: Shortest value that is searched for in pixel data, and shortest number in other bytes.
_MIN_CHARACTERS_IN_PIXELS = 8
#: Longer pixel data are left out of the search in the bytes of the file.
_MAX_PIXEL_BYTES_IN_FILE = 64

#: Shifts and original dates are compared by `safelight.verify.consistency`.
_DATE_VRS = frozenset({"DA", "DT"})
_NUMBER_VRS = frozenset({"AE", "AS", "CS", "DS", "FD", "FL", "IS", "SL", "SV", "UL", "UV"})

#: Up to three digits and a letter, unlike ZIP codes, some of which have a space after three digits.
_HOUSE_NUMBER = re.compile(r"(?<![\w-])(?<!\d{3} )\d{1,3}[A-Za-z]?(?![\w-])(?! \d{2}(?!\d))")

_LETTERS = re.compile(r"[^\W\d_]+")
#: Kinds of values that are too short or too common to be searched for in bytes.
_KINDS_IN_TEXTS = frozenset({"initials", "word"})

#: Names of products, each as pairing path and texts of its element. An institution may have the
#: name of a manufacturer, so these elements may be equal in original and output.
Products = frozenset[tuple[str, tuple[str, ...]]]


def check_leaks(
    original: DicomObject,
    output: DicomObject,
    codes: frozenset[str],
    hasher: ValueHasher,
    expectation: Expectation = NO_RULES,
) -> Iterator[Defect]:
    """Yield values of the original that texts or bytes of the output have.

    Parameters
    ----------
    original, output : DicomObject
    codes : frozenset of str
        CID 7050 codes in force.
    hasher : ValueHasher
    expectation : Expectation
    """
    collected = collect_original_values(original, codes, expectation)
    products = _collect_products(original)
    product_words = _list_words(text for _, texts in products for text in texts)
    values = sorted(
        (v for v in collected if v.kind != "word" or v.text not in product_words),
        key=lambda value: -len(value.text),
    )
    found: set[OriginalValue] = set()
    for location, value in _search_texts(output, values, products):
        found.add(value)
        yield _make_defect(location, value, hasher)
    yield from check_unchanged_values(original, output, codes, hasher, expectation)
    yield from _check_cleaned_addresses(original, output, hasher, expectation)
    # The report of a full name that was found includes its parts.
    rest = [
        value for value in values
        if value.kind not in _KINDS_IN_TEXTS and not any(value.text in v.text for v in found)
    ]  # fmt: skip
    for location, value in _search_bytes(output, rest, products):
        yield _make_defect(location, value, hasher)


def _list_words(texts: Iterable[str]) -> frozenset[str]:
    """Return the words of texts, case-folded."""
    return frozenset(word for text in texts for word in _LETTERS.findall(fold_case(text)))


def _make_defect(location: str, value: OriginalValue, hasher: ValueHasher) -> Defect:
    """Return the defect of a value that was found in the output."""
    detail = f"has the {value.kind} of {value.source} of the original"
    return Defect(Check.LEAK, location, detail, len(value.text), hasher(value.text))


def _collect_products(original: DicomObject) -> Products:
    """Return the names of manufacturers and products of an original."""
    keywords = load_product_keywords()
    return frozenset(
        (element.pairing_path, element.texts)
        for element in original.elements
        if element.keyword in keywords
    )


class _TextSearch:
    """Search for original values in the texts of elements.

    Parameters
    ----------
    values : list of OriginalValue
        If two values have the same text, the last one is reported.
    """

    def __init__(self, values: list[OriginalValue]):
        texts = [value for value in values if value.kind != "uid"]
        uids = [value for value in values if value.kind == "uid"]
        self._words = ValuePattern(texts, with_variants=True)
        self._numbers = ValuePattern([value for value in values if value.is_searched_in_numbers])
        self._uids = compile_pattern(uids)
        self._values_by_uid = {normalize_uid(value.text): value for value in uids}

    def find(self, element: LeafElement) -> Iterator[OriginalValue]:
        """Yield the value of each match in the texts of an element."""
        pattern = self._choose_pattern(element.vr)
        for text in element.texts:
            if pattern is not None:
                yield from pattern.find(text)
            for match in self._uids.finditer(text):
                yield self._values_by_uid[normalize_uid(match[0])]

    def find_in_text(self, text: str) -> Iterator[OriginalValue]:
        """Yield the value of each match in a comment of a frame or a decoded text."""
        yield from self._words.find(text)

    def _choose_pattern(self, vr: str) -> ValuePattern | None:
        """Return the pattern for a VR; None if it is searched for UIDs only."""
        if vr in FREE_TEXT_VRS or vr in BYTE_VRS:
            return self._words
        return self._numbers if vr in _NUMBER_VRS else None


def _search_texts(
    output: DicomObject, values: list[OriginalValue], products: Products
) -> Iterator[tuple[str, OriginalValue]]:
    """Yield location and value of each match in the texts of the output."""
    search = _TextSearch(values)
    for element in (*output.file_meta, *output.elements):
        is_product = (element.pairing_path, element.texts) in products
        if not is_product and not element.location.startswith(METHOD_LOCATIONS):
            for value in search.find(element):
                yield element.location, value
    for location, text in (*output.comments, *output.decoded_texts):
        for value in search.find_in_text(text):
            yield location, value


def check_unchanged_values(
    original: DicomObject,
    output: DicomObject,
    codes: frozenset[str],
    hasher: ValueHasher,
    expectation: Expectation = NO_RULES,
) -> Iterator[Defect]:
    """Yield identifying elements that have the same value as in the original, of any length.

    Parameters
    ----------
    original, output : DicomObject
    codes : frozenset of str
        CID 7050 codes in force.
    hasher : ValueHasher
    expectation : Expectation
    """
    output_elements = output.group_by_pairing_path()
    for element in original.elements:
        if not _must_change(element, codes, expectation):
            continue
        for counterpart in output_elements.get(element.pairing_path, ()):
            for text in _find_shared_texts(element, counterpart):
                yield Defect(
                    Check.LEAK, counterpart.location, "is unchanged from the original", len(text),
                    hasher(fold_case(text)),
                )  # fmt: skip


def _check_cleaned_addresses(
    original: DicomObject, output: DicomObject, hasher: ValueHasher, expectation: Expectation
) -> Iterator[Defect]:
    """Yield addresses with a house number that are unchanged although the rules clean them."""
    output_elements = output.group_by_pairing_path()
    for element in original.elements:
        is_cleaned = element.tag in expectation.cleaned_tags - expectation.kept_tags
        if not is_cleaned or not element.keyword.endswith("Address"):
            continue
        for counterpart in output_elements.get(element.pairing_path, ()):
            for text in _find_shared_texts(element, counterpart):
                if _HOUSE_NUMBER.search(text):
                    detail = "is unchanged from the original, and has a house number"
                    hashed = hasher(fold_case(text))
                    yield Defect(Check.LEAK, counterpart.location, detail, len(text), hashed)


def _must_change(element: LeafElement, codes: frozenset[str], expectation: Expectation) -> bool:
    """Return whether no code grants the value of an element of the original."""
    identifier = load_identifiers().get(element.keyword)
    if identifier is not None:
        return not identifier.granted_by & codes and not may_retain(
            identifier, element, expectation
        )
    if is_retained(element.tag, codes) or element.vr in _DATE_VRS:
        return False
    if is_protected(element.tag, codes) and not expectation.may_retain(element):
        return True
    if element.vr == "UI":
        return RETAIN_UIDS not in codes and not expectation.retains_private(element)
    return element.vr == "PN"


def _find_shared_texts(element: LeafElement, counterpart: LeafElement) -> Iterator[str]:
    """Yield the texts of an output element that the original element has too."""
    original_texts = {fold_case(text.strip("\0^ ")) for text in element.texts}
    for text in counterpart.texts:
        folded = fold_case(text.strip("\0^ "))
        is_public = element.vr == "UI" and is_public_uid(folded, element.keyword)
        if folded in original_texts and not is_public and not is_placeholder(text, element.vr):
            yield text


def _search_bytes(
    output: DicomObject, values: list[OriginalValue], products: Products
) -> Iterator[tuple[str, OriginalValue]]:
    """Yield each match in the bytes of the file, which may have more than a parser shows."""
    pixels = output.pixel_bytes
    data = output.data
    if len(pixels) > _MAX_PIXEL_BYTES_IN_FILE:
        data = data.replace(pixels, b"")
    product_names = {text for _, texts in products for text in texts}
    for value in values:
        location = _find_in_bytes(value, pixels, data, product_names)
        if location:
            yield location, value


def _find_in_bytes(
    value: OriginalValue, pixels: bytes, data: bytes, product_names: Iterable[str]
) -> str:
    """Return the location of a value in the bytes of the file; empty if it is not found."""
    length = len(value.text)
    min_characters = _MIN_CHARACTERS_IN_PIXELS if value.text.isdigit() else _MIN_CHARACTERS_IN_BYTES
    for encoded in value.encodings:
        if length >= _MIN_CHARACTERS_IN_PIXELS and encoded in pixels:
            return "pixels"
        if length >= min_characters and _has_isolated_match(
            _remove_product_names(data, value, product_names), encoded
        ):
            return "bytes of the file"
    return ""


def _remove_product_names(data: bytes, value: OriginalValue, product_names: Iterable[str]) -> bytes:
    """Return bytes without the longer names of manufacturers and products that have a value."""
    for name in product_names:
        folded = fold_case(name)
        if value.text in folded and value.text != folded:
            data = data.replace(name.encode("utf-8", "replace"), b" ")
    return data


def _has_isolated_match(data: bytes, encoded: bytes) -> bool:
    """Return whether bytes have a value that is not part of a word, number or UID."""
    start = data.find(encoded)
    while start >= 0:
        before, after = data[start - 1 : start], data[start + len(encoded) :][:1]
        if not before.isalnum() and not after.isalnum() and before != b"." and after != b".":
            return True
        start = data.find(encoded, start + 1)
    return False
