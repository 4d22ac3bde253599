from __future__ import annotations

from safelight.dicom.encoding import EXPLICIT_LITTLE, EXPLICIT_LITTLE_UID
from safelight.dicom.tags import BURNED_IN_ANNOTATION, PIXEL_DATA, RECOGNIZABLE_VISUAL_FEATURES
from safelight.headers.replacement_elements import ReplacementElements, encode_replacement

JPEG = "1.2.840.10008.1.2.4.50"


def encode(syntax: str = EXPLICIT_LITTLE_UID, **values: object) -> dict[int, bytes]:
    replacement = ReplacementElements(**values)  # type: ignore[arg-type]
    return encode_replacement(EXPLICIT_LITTLE, replacement, syntax)


def test_empty_replacement_inserts_nothing() -> None:
    assert encode() == {}


def test_native_pixel_data_has_explicit_length() -> None:
    encoded = encode(elements={PIXEL_DATA: ("OW", b"\1\2")})
    assert encoded[PIXEL_DATA] == b"\xe0\x7f\x10\x00OW\0\0\2\0\0\0\1\2"


def test_encapsulated_pixel_data_has_undefined_length() -> None:
    encoded = encode(JPEG, elements={PIXEL_DATA: ("OB", b"fragments")})
    assert encoded[PIXEL_DATA] == b"\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xfffragments"


def test_element_without_value_is_removed() -> None:
    assert encode(elements={0x60003000: None}) == {0x60003000: b""}


def test_cleaned_pixels_have_no_burned_in_annotation() -> None:
    assert encode(pixels_cleaned=True)[BURNED_IN_ANNOTATION].endswith(b"NO")


def test_recognizable_face_is_stated() -> None:
    assert encode(recognizable_face=True)[RECOGNIZABLE_VISUAL_FEATURES].endswith(b"YES ")
