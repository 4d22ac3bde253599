from __future__ import annotations

import pytest
from pydicom.valuerep import PersonName

from safelight.dicom.character_sets import (
    decode,
    decode_alternative,
    encode,
    find_text_encodings,
    is_readable,
)
from safelight.records import Reason, Refusal

LATIN1 = find_text_encodings("ISO_IR 100")
UTF8 = find_text_encodings("ISO_IR 192")
DEFAULT = find_text_encodings("")
CHINESE = find_text_encodings("GB18030")
JAPANESE = find_text_encodings("\\ISO 2022 IR 87")


def test_unknown_character_set_is_refused() -> None:
    with pytest.raises(Refusal) as caught:
        find_text_encodings("KLINGON")
    assert caught.value.reason is Reason.UNKNOWN_CHARACTER_SET


def test_missing_character_set_is_the_default() -> None:
    assert find_text_encodings("") == ("iso8859",)


@pytest.mark.parametrize(
    ("text", "vr", "encodings"),
    [
        ("für Müller", "LO", LATIN1),
        ("für Müller", "LO", UTF8),
        ("Yamada^Tarou=山田^太郎", "PN", JAPANESE),
        ("山田 CHEST", "LO", JAPANESE),
    ],
)
def test_encoded_text_is_decoded_again(text: str, vr: str, encodings: tuple[str, ...]) -> None:
    assert decode(encode(text, vr, encodings), vr, encodings) == text


@pytest.mark.parametrize(("raw", "vr"), [(b"ABC \0", "LO"), (b"ABC\0", "UI")])
def test_padding_is_removed(raw: bytes, vr: str) -> None:
    assert decode(raw, vr, LATIN1) == "ABC"


def test_invalid_byte_becomes_replacement_character() -> None:
    assert "\ufffd" in decode(b"f\xff\xffr", "LO", CHINESE)


@pytest.mark.parametrize(
    ("raw", "encodings"),
    [("für".encode("latin-1"), UTF8), ("für".encode(), LATIN1), ("für".encode(), DEFAULT)],
)
def test_bytes_decide_between_latin_1_and_utf8(raw: bytes, encodings: tuple[str, ...]) -> None:
    assert decode(raw, "LO", encodings) == "für"


@pytest.mark.parametrize("encodings", [DEFAULT, LATIN1, UTF8])
@pytest.mark.parametrize(
    "raw",
    [
        "佐藤花子 造影".encode("shift_jis"),
        "김희중".encode("euc_kr"),
        "Γεώργιος Παπαδόπουλος".encode("iso8859_7"),
        "ИВАНОВ".encode("iso8859_5"),
        "Иванов".encode("koi8_r"),
        "Иванов".encode("cp1251"),
        b"\x1b$B;3EDB@O:\x1b(B",
    ],
)
def test_text_in_another_script_than_stated_is_not_readable(
    raw: bytes, encodings: tuple[str, ...]
) -> None:
    assert not is_readable(raw, encodings)


@pytest.mark.parametrize(
    ("raw", "encodings"),
    [
        (b"CHEST", UTF8),
        ("Schädel nativ, Übersicht".encode("latin-1"), DEFAULT),
        ("Crâne côté gauche, œdème".encode("cp1252"), LATIN1),
        ("patient’s “scout” …’".encode("cp1252"), DEFAULT),
        ("Wirbelsäule".encode(), LATIN1),
        ("Wirbelsäule".encode("latin-1"), UTF8),
        ("ŻÓŁĆ żółciowy".encode("iso8859_2"), find_text_encodings("ISO_IR 101")),
        ("Иванов".encode("iso8859_5"), find_text_encodings("ISO_IR 144")),
        ("山田 CHEST".encode("iso2022_jp"), JAPANESE),
        ("山田".encode("gb18030"), CHINESE),
    ],
)
def test_text_of_western_europe_and_of_the_stated_set_is_readable(
    raw: bytes, encodings: tuple[str, ...]
) -> None:
    assert is_readable(raw, encodings)


def test_character_that_the_set_does_not_have_becomes_question_mark() -> None:
    assert encode("ABC ü", "LO", ("iso8859",)) == b"ABC ?"


@pytest.mark.parametrize(
    ("raw", "encodings", "expected"),
    [
        ("für".encode(), CHINESE, "für"),
        ("für".encode(), LATIN1, ""),
        ("für".encode(), UTF8, ""),
        ("佐藤".encode("shift_jis"), UTF8, "佐藤".encode("shift_jis").decode("latin-1")),
        ("für".encode("latin-1"), LATIN1, ""),
        (b"fur", LATIN1, ""),
    ],
)
def test_text_in_other_set_than_stated_has_an_alternative(
    raw: bytes, encodings: tuple[str, ...], expected: str
) -> None:
    assert decode_alternative(raw, encodings) == expected


@pytest.mark.parametrize(
    ("text", "encodings"),
    [
        ("SAKUMA^S=佐久間^宗一郎", ("iso8859", "iso2022_jp")),  # a byte of 宗 is that of "="
        ("A=宗一郎^宗一郎\\B=宗一郎", ("iso8859", "iso2022_jp")),
        ("A=誠乗^乛俓\\B=鎈", ("gb18030",)),  # bytes of 誠 and 乛 are those of "\\" and "^"
        ("A=남궁^희동", ("iso8859", "euc_kr")),
    ],
)
def test_name_with_bytes_of_delimiters_is_decoded(text: str, encodings: tuple[str, ...]) -> None:
    raw = b"\\".join(PersonName(part).encode(encodings) for part in text.split("\\"))
    assert decode(raw, "PN", encodings) == text
