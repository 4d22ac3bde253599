"""Known values are found in texts in an encoding for transport."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.text.known.known_phi import KnownPHI, KnownValue
from safelight.text.known.transport_encodings import find_decoded_parts

NAME = "Tomas Hargreave"
KNOWN = KnownPHI([KnownValue("NAME", "Hargreave^Tomas", "patient")])


@pytest.mark.parametrize(
    "encoded",
    [
        "".join(f"&#{ord(character)};" for character in NAME),
        "".join(f"&#x{ord(character):x};" for character in NAME),
        "".join(f"%{byte:02X}" for byte in NAME.encode()),
        "%54omas%20Hargreave",
        "Tomas=48=61=72=67=72=65=61=76=65",
        "\\u0048argreave",
        NAME.encode().hex(),
        NAME.replace(" ", "\t").encode().hex().upper(),
        base64.b64encode(NAME.encode()).decode(),
        base64.urlsafe_b64encode(f"id?{NAME}".encode()).decode().rstrip("="),
    ],
)
def test_encoded_name_is_hidden_as_a_whole(encoded: str) -> None:
    (span,) = KNOWN.find(f"sent as {encoded} today")
    assert (span.begin, span.end) == (8, 8 + len(encoded))
    assert span.entity == "NAME"


@pytest.mark.parametrize(
    "encode",
    [
        lambda raw: "".join(f"\\x{byte:02x}" for byte in raw),
        lambda raw: raw.hex(" "),
        lambda raw: ", ".join(f"0x{byte:02X}" for byte in raw),
        lambda raw: " ".join(map(str, raw)),
        lambda raw: base64.b32encode(raw).decode(),
        lambda raw: " ".join(raw.decode()),
    ],
    ids=["escapes", "hex", "prefixed", "decimal", "base32", "spaced"],
)
def test_codes_of_the_bytes_of_a_name_are_hidden(encode: Callable[[bytes], str]) -> None:
    encoded = encode(b"Tomas Hargreave 1")
    (span,) = KNOWN.find(f"value: {encoded} end.")
    assert (span.begin, span.end) == (7, 7 + len(encoded))


def test_reversed_name_in_an_override_of_the_direction_is_hidden() -> None:
    text = f"seen by \u202e{NAME[::-1]}\u202c today"
    (span,) = KNOWN.find(text)
    assert text[span.begin : span.end] == f"\u202e{NAME[::-1]}"


@pytest.mark.parametrize(
    "text",
    [
        "CT of the abdomen with contrast administration",
        "50%25 stenosis",
        "a=b, c=d, TE=80",
        "VB17A_SIEMENS_0042",
        "1.2.840.10008.5.1.4",
        "&# not a reference",
        "deadbeefdeadbeef",
        "12 34 56 78 90 12 34 56",
        "A B C D E F G H",
        "ABDOMENANDPELVISWITHCONTRAST",
    ],
)
def test_other_text_stays(text: str) -> None:
    assert KNOWN.find(text) == []


@given(st.text(max_size=40))
def test_any_text_can_be_searched(text: str) -> None:
    for part in find_decoded_parts(text):
        assert text[part.begin : part.end] and part.text.isprintable()
