"""Does anything of the original's identifying values stand anywhere in the output?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from safelight.verify.defects import Check, Defect, ValueHasher
from safelight.verify.dicom_object import DicomObject
from safelight.verify.element_contents import LABEL_ELEMENTS, is_neutral
from safelight.verify.elements import BYTE_VRS, FREE_TEXT_VRS, LeafElement
from safelight.verify.identifiers import (
    fold,
    is_public_uid,
    load_identifiers,
    load_product_keywords,
)
from safelight.verify.object_structure import RETAIN_UIDS
from safelight.verify.original_values import OriginalValue, collect_original_values

#: Characters that a value must have to be searched for outside of texts; and in pixel data,
#: or if it consists of digits.
SHORTEST_IN_BYTES = 6
SHORTEST_IN_PIXELS = 8

_NUMBER_VRS = frozenset({"CS", "DS", "IS", "AE", "AS"})


def check_leaks(
    original: DicomObject, output: DicomObject, codes: frozenset[str], hasher: ValueHasher
) -> Iterator[Defect]:
    """Search the output, texts and bytes, for the values of the original.

    Parameters
    ----------
    original, output : DicomObject
    codes : frozenset of str
        CID 7050 codes in force.
    hasher : ValueHasher
    """
    needles = sorted(collect_original_values(original, codes), key=lambda needle: -len(needle.text))
    seen: set[OriginalValue] = set()
    products = _products(original)
    for location, needle in _in_texts(output, needles, products):
        seen.add(needle)
        yield _defect(location, needle, hasher)
    yield from check_unchanged_values(original, output, codes, hasher)
    # A whole name that was found says all that its parts would say.
    rest = [needle for needle in needles if not any(needle.text in found.text for found in seen)]
    for location, needle in _in_bytes(output, rest, products):
        yield _defect(location, needle, hasher)


def _defect(location: str, needle: OriginalValue, hasher: ValueHasher) -> Defect:
    return Defect(
        Check.LEAK, location, f"holds the {needle.kind} that stands at {needle.source} "
        "of the original", len(needle.text), hasher(needle.text),
    )  # fmt: skip


def _products(original: DicomObject) -> frozenset[tuple[str, tuple[str, ...]]]:
    """Names of makers and products, with their places: they may be what an institution is."""
    return frozenset(
        (node.pair, node.texts)
        for node in original.nodes
        if node.keyword in load_product_keywords()
    )


def _in_texts(
    output: DicomObject,
    needles: list[OriginalValue],
    products: frozenset[tuple[str, tuple[str, ...]]],
) -> Iterator[tuple[str, OriginalValue]]:
    words = compile_pattern(n for n in needles if n.kind != "uid")
    numbers = compile_pattern(n for n in needles if n.numbers_too)
    uids = compile_pattern(n for n in needles if n.kind == "uid")
    by_text = {
        (n.kind == "uid", n.text if n.kind == "uid" else normalize_text(n.text)): n for n in needles
    }
    for node in (*output.meta, *output.nodes):
        if node.location.startswith(LABEL_ELEMENTS) or (node.pair, node.texts) in products:
            continue
        if node.vr in FREE_TEXT_VRS or node.vr in BYTE_VRS:
            patterns = [(False, words), (True, uids)]
        elif node.vr in _NUMBER_VRS:
            patterns = [(False, numbers), (True, uids)]
        else:
            patterns = [(True, uids)]
        for text in node.texts:
            for is_uid, pattern in patterns:
                folded = text if is_uid else normalize_text(text)
                for match in pattern.finditer(folded):
                    yield node.location, by_text[is_uid, match[0]]


def normalize_text(text: str) -> str:
    """Fold, and read the separators of names as white space."""
    return fold(re.sub(r"[\^=_,\\]+", " ", text.replace("\0", " ")))


def compile_pattern(needles: Iterable[OriginalValue]) -> re.Pattern[str]:
    """One pattern for all; a hit must not be part of a longer word or number."""
    words, others = [], []
    for needle in needles:
        text = needle.text if needle.kind == "uid" else normalize_text(needle.text)
        if needle.kind == "uid":
            others.append(rf"(?<![\d.]){re.escape(text)}(?![\d])(?!\.\d)")
        elif needle.kind == "name":
            words.append(rf"(?<![^\W\d_]){re.escape(text)}(?![^\W\d_])")
        else:
            others.append(rf"(?<![^\W_]){re.escape(text)}(?![^\W_])(?!\.\d)")
    return re.compile("|".join([*others, *words]) or r"(?!)")


def check_unchanged_values(
    original: DicomObject, output: DicomObject, codes: frozenset[str], hasher: ValueHasher
) -> Iterator[Defect]:
    """An identifying element does not hold the very value it held, however short it is."""
    expected = load_identifiers()
    after = output.by_pair()
    for node in original.nodes:
        identifier = expected.get(node.keyword)
        if identifier is None and node.vr not in ("PN", "UI"):
            continue
        if identifier is not None and identifier.granted_by & codes:
            continue
        if node.vr == "UI" and identifier is None and RETAIN_UIDS in codes:
            continue
        for twin in after.get(node.pair, ()):
            for text in _shared(node, twin):
                yield Defect(
                    Check.LEAK, twin.location, "is what it was in the original",
                    len(text), hasher(fold(text)),
                )  # fmt: skip


def _shared(node: LeafElement, twin: LeafElement) -> Iterator[str]:
    before = {fold(text.strip("\0^ ")) for text in node.texts}
    for text in twin.texts:
        folded = fold(text.strip("\0^ "))
        public = node.vr == "UI" and is_public_uid(folded, node.keyword)
        if folded in before and not public and not is_neutral(text, node.vr):
            yield text


def _in_bytes(
    output: DicomObject,
    needles: list[OriginalValue],
    products: frozenset[tuple[str, tuple[str, ...]]],
) -> Iterator[tuple[str, OriginalValue]]:
    """Search the whole file: what no parser shows must be clean as well."""
    pixels = output.pixel_bytes
    data = output.data.replace(pixels, b"") if len(pixels) > 64 else output.data
    names = {text for _, texts in products for text in texts}
    for needle in needles:
        for spelling in needle.spellings:
            if len(needle.text) >= SHORTEST_IN_PIXELS and spelling in pixels:
                yield "pixels", needle
                break
            shortest = SHORTEST_IN_PIXELS if needle.text.isdigit() else SHORTEST_IN_BYTES
            if len(needle.text) >= shortest and _stands_alone(
                _without(data, needle, names), spelling
            ):
                yield "bytes of the file", needle
                break


def _without(data: bytes, needle: OriginalValue, names: Iterable[str]) -> bytes:
    """The bytes without longer names of makers and products that hold the needle."""
    for name in names:
        folded = fold(name)
        if needle.text in folded and needle.text != folded:
            data = data.replace(name.encode("utf-8", "replace"), b" ")
    return data


def _stands_alone(data: bytes, spelling: bytes) -> bool:
    start = data.find(spelling)
    while start >= 0:
        before, after = data[start - 1 : start], data[start + len(spelling) :][:1]
        if not before.isalnum() and not after.isalnum() and before != b"." and after != b".":
            return True
        start = data.find(spelling, start + 1)
    return False
