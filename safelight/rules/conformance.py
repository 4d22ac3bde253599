"""Conformance statement of a rule set, as PS3.15, section E.1.3 requires it of de-identifiers."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Iterator

from safelight.encryption.recipients import MINIMUM_KEY_BITS
from safelight.rules.attributes import format_attribute
from safelight.rules.effective_rules import EffectiveRules
from safelight.rules.model import RuleSet
from safelight.standard import confidentiality, iod
from safelight.standard.confidentiality import load_table
from safelight.standard.options import METHOD_MEANINGS, Option
from safelight.standard.private_elements import load_safe_elements
from safelight.version import VERSION

_WIDTH = 100

#: Attributes that every output has, or has where they apply.
_INSERTED = (
    (0x00120062, "YES, if no direct identifier is left; otherwise NO"),
    (0x00120063, "version of the software, name and version of the rules, and edition of PS3.15"),
    (0x00120064, "codes of the methods that were applied to the object"),
    (0x00280301, "NO, if the pixels were read and text was masked"),
    (0x00280302, "whether a face can be reconstructed, if that was determined"),
    (0x00280303, "UNMODIFIED, MODIFIED or REMOVED, by what was done to dates"),
    (0x00100020, "pseudonym of the patient, if the object has no Patient ID"),
    (0x0020000D, "derived UID, if the object has none"),
    (0x0020000E, "derived UID, if the object has none"),
    (0x00080018, "derived UID, if the object has none"),
)

_DUMMIES = """\
Dummy values are constants that fit the VR. Names and identifiers are replaced by tokens, or by
surrogate names, that HMAC-SHA256 derives from the original value and a secret key. New UIDs are
derived in the same way."""

_ENVELOPE = """\
The Encrypted Attributes Data Set has the transfer syntax of the source object: Implicit VR Little
Endian, Explicit VR Little Endian or Explicit VR Big Endian; all three are decoded. It is a CMS
EnvelopedData with AES-256 in CBC mode and RSA key transport (PKCS #1 v1.5); AES-128 and AES-192 are
decoded as well."""

_INTEGRITY = """\
An original UID, patient or name has the same replacement in all objects and notes that are
de-identified with the same key and namespace, in every run and on every machine. All dates of a
patient are shifted by the same number of days. Replacements of different namespaces cannot be
linked without the key."""


def make_conformance_statement(rules: RuleSet) -> str:
    """Return the conformance statement of a rule set, as text of at most 100 columns.

    Parameters
    ----------
    rules : RuleSet
    """
    sections = (
        ("Claim", _describe_claim(rules)),
        ("Attributes of Table E.1-1: removed, replaced and retained", _list_attributes(rules)),
        ("Other attributes that the rules name", _list_own_rules(rules)),
        ("Values of replaced attributes", _wrap(_DUMMIES)),
        ("Encrypted attributes", _describe_encryption(rules)),
        ("Inserted attributes", _list_inserted(rules)),
        ("Referential integrity", _wrap(_INTEGRITY)),
        ("Private attributes", _list_private(rules)),
        ("Pixel data", _describe_pixels(rules)),
        ("Restrictions", _describe_restrictions(rules)),
    )
    lines = [
        f"Conformance statement of Safelight {VERSION} as a de-identifier (PS3.15, section E.1.3)",
        f"Rule set {rules.name}, version {rules.version}, hash {rules.hash}",
    ]
    for number, (title, content) in enumerate(sections, 1):
        lines += ["", f"{number}. {title}", *content]
    return "\n".join(lines) + "\n"


def _wrap(text: str) -> list[str]:
    """Return the indented lines of a paragraph."""
    return textwrap.wrap(text, _WIDTH, initial_indent="  ", subsequent_indent="  ")


def _describe_claim(rules: RuleSet) -> Iterator[str]:
    """Yield the profile, its edition and the options."""
    yield from _wrap(
        f"Table E.1-1 of PS3.15, edition {confidentiality.EDITION}; Types of attributes by PS3.3, "
        f"edition {iod.get_edition()}. An object claims only the methods that were applied to it, "
        "in De-identification Method Code Sequence (0012,0064). These may be claimed:"
    )
    for code in rules.get_method_codes():
        yield f"  - {code} {METHOD_MEANINGS[code]}"
    if rules.elements:
        yield from _wrap(
            "The rule set has rules of its own, which take precedence over the profile. An object "
            "in which they retain what the profile protects does not claim the profile."
        )


def _list_attributes(rules: RuleSet) -> Iterator[str]:
    """Yield every attribute of Table E.1-1 once, grouped by the operations on it."""
    effective = EffectiveRules(rules)
    groups: dict[str, list[str]] = defaultdict(list)
    for row in load_table().values():
        tag = int(row.tag.replace("x", "0"), 16)
        texts = [effective.describe(tag), effective.describe(tag, nested=True)]
        text = texts[0]
        if texts[1] != texts[0]:
            text += f"; inside sequences: {texts[1]}"
        groups[text].append(f"({row.tag[:4].upper()},{row.tag[4:].upper()})".replace("X", "x"))
    yield from _wrap(
        "An attribute of Type 3, then those of Types 2 and 1 where they differ. A text that cannot "
        "be cleaned is treated as the word after else says."
    )
    for text in sorted(groups, key=lambda one: (-len(groups[one]), one)):
        yield from _wrap(f"{text} ({len(groups[text])}):")
        yield from textwrap.wrap(
            " ".join(groups[text]), _WIDTH, initial_indent="    ", subsequent_indent="    "
        )


def _list_own_rules(rules: RuleSet) -> Iterator[str]:
    """Yield the entries of the rules file for elements that Table E.1-1 does not list."""
    listed = {int(tag.replace("x", "0"), 16) for tag in load_table()}
    others = [entry for entry in rules.elements if entry.selector.tag not in listed]
    if not others:
        yield "  None."
    for entry in others:
        condition = ", under a condition" if entry.condition is not None else ""
        yield from _wrap(f"{entry.selector.text}: {entry.action}{condition}")


def _describe_encryption(rules: RuleSet) -> list[str]:
    """Return the statement about the Encrypted Attributes Sequence."""
    policy = rules.encryption
    if policy is None:
        return _wrap(
            "None. Encrypted Attributes Sequence (0400,0500) is not written; that of the source is "
            "removed."
        )
    names = ", ".join(selector.text for selector in policy.selectors)
    lines = _wrap(
        f"Original values in Encrypted Attributes Sequence (0400,0500): {names}. "
        f"Recipients: {len(policy.recipients)}. Pixel data is not encrypted."
    )
    return lines + _wrap(_ENVELOPE)


def _describe_restrictions(rules: RuleSet) -> list[str]:
    """Return the restrictions that the standard asks for, such as key sizes."""
    text = (
        "An object that a required step cannot be carried out for is quarantined, and nothing of "
        "it is written."
    )
    if rules.encryption is not None:
        bits = sorted({one.public_key.key_size for one in rules.encryption.recipients})
        text += (
            f" Public keys: RSA of at least {MINIMUM_KEY_BITS} bits; those of the recipients have "
            f"{', '.join(map(str, bits))}."
        )
    return _wrap(text)


def _list_inserted(rules: RuleSet) -> Iterator[str]:
    """Yield the attributes that are inserted."""
    for tag, text in _INSERTED:
        yield from _wrap(f"{format_attribute(tag)}: {text}")
    for addition in rules.additions:
        content = "value" if addition.item is None else "item"
        extent = "all objects" if not addition.path else "all items"
        when = f"in {extent}" if addition.always else f"in {extent} that have no {content} for it"
        if addition.appends:
            when = f"in {extent}, after the items that there are"
        condition = ", under a condition" if addition.condition is not None else ""
        name = addition.name
        if not addition.creator:
            name = " > ".join(map(format_attribute, addition.steps))
        yield from _wrap(f"{name}: by the rules, {when}{condition}")


def _list_private(rules: RuleSet) -> Iterator[str]:
    """Yield the private elements that are retained."""
    own = [entry for entry in rules.elements if entry.selector.is_private]
    for entry in own:
        yield from _wrap(f"{entry.selector.text}: {entry.action}, by the rules")
    if Option.RETAIN_SAFE_PRIVATE not in rules.options:
        yield from _wrap(f"All {'other ' if own else ''}private elements are removed.")
        return
    yield from _wrap("These are retained as safe; all others are removed:")
    blocks: dict[tuple[str, int], list[str]] = defaultdict(list)
    for creator, group, element in load_safe_elements():
        blocks[creator, group].append(f"{element:02X}")
    for (creator, group), elements in sorted(blocks.items()):
        text = f'({group:04X},"{creator}",xx) with xx = {" ".join(sorted(elements))}'
        yield from textwrap.wrap(text, _WIDTH, initial_indent="  - ", subsequent_indent="    ")


def _describe_pixels(rules: RuleSet) -> list[str]:
    """Return the statement about pixels."""
    pixels = rules.pixels
    if not pixels.check:
        return _wrap("Pixels are not checked, and Clean Pixel Data is not claimed.")
    text = "identifying text" if pixels.decision == "phi" else "every text"
    return _wrap(
        f"All frames are searched for text ({pixels.engine}); {text} is masked. Overlays: "
        f"{pixels.overlays}. Icons: {pixels.icons}. Faces: {pixels.faces}. "
        f"Devices that the device catalog denies: {pixels.denied_devices}. An object whose pixels "
        "cannot be read is quarantined. Pixel data without a mask keeps its transfer syntax."
    )
