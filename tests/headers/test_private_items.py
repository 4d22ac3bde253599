"""Test the rules in the items of private elements that rules keep, whatever VR they state."""

from __future__ import annotations

import pytest
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from safelight.dicom.encoding import EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE, Encoding
from safelight.records import Status
from safelight.rules import parse_rules
from tests.headers.objects import add_raw, make_deidentifier, make_object, read, to_bytes

PHYSICIAN = b"OKONKWO^ADAEZE"
TECHNICAL = b"BODY_64 "
TAG = 0x00091001
CREATOR = "ACME HEALTH"
#: Ways of keeping a private element; the selector does not apply in items.
POLICIES = {
    "selector": f"elements:\n  - {{tag: '(0009,\"{CREATOR}\",01)', action: keep}}\n",
    "wildcard": "elements:\n  - {tag: '*/(xxxx,\"*\",xx)', action: keep}\n",
}
SYNTAXES = {
    "implicit": ImplicitVRLittleEndian,
    "explicit": ExplicitVRLittleEndian,
    "big": ExplicitVRBigEndian,
}
ENCODINGS = {"implicit": IMPLICIT_LITTLE, "explicit": EXPLICIT_LITTLE, "big": EXPLICIT_BIG}


def make_items(encoding: Encoding, delimited: bool, depth: int, inner_vr: str = "SQ") -> bytes:
    """Return items with a physician's name and a technical value at a depth."""
    element = encoding.element
    if depth == 1:
        content = element(0x00080090, "PN", PHYSICIAN) + element(0x00180015, "CS", TECHNICAL)
    else:
        inner = make_items(encoding, delimited, depth - 1)
        content = element(0x00090010, "LO", CREATOR.encode() + b" ")
        if inner_vr == "SQ":
            content += encoding.sequence(TAG, "SQ", inner, delimited)
        else:
            content += element(TAG, inner_vr, inner)
    return encoding.item(content, delimited)


def deidentify(
    vr: str, value: bytes, policy: str, syntax: str, group: int = 9, number: int = 1
) -> bytes:
    """Return the output of an object with one private element."""
    tag = group << 16 | 0x1000 | number
    ds = make_object(SYNTAXES[syntax])
    creator = CREATOR if group == 9 else "GEMS_ACQU_01"
    ds.private_block(group, creator, create=True)
    add_raw(ds, tag, vr, value)
    text = f"name: r\nversion: '1'\nextends: research\n{POLICIES.get(policy, '')}"
    result = make_deidentifier(parse_rules(text, "r")).deidentify(to_bytes(ds))
    assert result.status is Status.DEIDENTIFIED, result.reason
    assert result.data is not None
    return result.data


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("vr", ["UN", "OB", "OW"])
@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("delimited", [True, False])
@pytest.mark.parametrize("encoding", ["implicit", "explicit"])
def test_name_in_items_that_state_a_vr_of_bytes_is_removed(
    policy: str, vr: str, depth: int, delimited: bool, encoding: str
) -> None:
    value = make_items(ENCODINGS[encoding], delimited, depth, inner_vr=vr)
    written = deidentify(vr, value, policy, "explicit")
    assert PHYSICIAN not in written
    assert (TECHNICAL in written) == (depth == 1 or policy == "wildcard")
    assert read(written)[TAG].VR in (vr, "SQ")
    assert read(written).PatientIdentityRemoved == "YES"


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_name_is_removed_in_each_encoding_of_items(syntax: str, encoding: str) -> None:
    written = deidentify("UN", make_items(ENCODINGS[encoding], False, 2), "wildcard", syntax)
    assert PHYSICIAN not in written
    # Items in big endian occur only in objects in big endian; elsewhere they are removed.
    assert (TECHNICAL in written) == (encoding != "big" or syntax == "big")


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("delimited", [True, False])
def test_name_in_a_private_sequence_is_removed(depth: int, delimited: bool) -> None:
    value = make_items(IMPLICIT_LITTLE, delimited, depth)
    source = IMPLICIT_LITTLE.sequence(TAG, "SQ", value, delimited)
    ds = make_object(ImplicitVRLittleEndian)
    ds.private_block(9, CREATOR, create=True)
    data = to_bytes(ds)
    creator = IMPLICIT_LITTLE.element(0x00090010, "LO", CREATOR.encode() + b" ")
    rules = parse_rules(f"name: r\nversion: '1'\nextends: research\n{POLICIES['wildcard']}", "r")
    result = make_deidentifier(rules).deidentify(data.replace(creator, creator + source))
    assert result.data is not None
    assert PHYSICIAN not in result.data and TECHNICAL in result.data


@pytest.mark.parametrize("number", [0x0F, 0x24])
def test_name_in_items_of_a_listed_element_is_removed(number: int) -> None:
    written = deidentify("UN", make_items(IMPLICIT_LITTLE, False, 1), "", "explicit", 0x19, number)
    assert PHYSICIAN not in written


def test_items_that_cannot_be_read_are_removed() -> None:
    value = make_items(IMPLICIT_LITTLE, False, 1)
    written = deidentify("UN", value + b"\0\1", "wildcard", "explicit")
    assert PHYSICIAN not in written and TAG not in read(written)


def test_bytes_after_the_delimiter_of_items_are_removed() -> None:
    value = IMPLICIT_LITTLE.item(b"", False) + b"\xfe\xff\xdd\xe0\0\0\0\0" + PHYSICIAN
    assert PHYSICIAN not in deidentify("UN", value, "wildcard", "explicit")


def test_fragments_in_private_bytes_are_kept() -> None:
    fragments = b"\xfe\xff\0\xe0\0\0\0\0\xfe\xff\0\xe0\x04\0\0\0\xff\xd8\xff\xd9"
    assert fragments in deidentify("OB", fragments, "wildcard", "explicit")


def test_private_name_that_is_kept_in_items_is_stated() -> None:
    content = EXPLICIT_LITTLE.element(0x00090010, "LO", CREATOR.encode() + b" ")
    content += EXPLICIT_LITTLE.element(0x00091002, "PN", PHYSICIAN)
    value = EXPLICIT_LITTLE.item(content, False)
    written = deidentify("UN", value, "wildcard", "explicit")
    assert (PHYSICIAN in written) == (read(written).PatientIdentityRemoved == "NO")
