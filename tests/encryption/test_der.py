"""Distinguished Encoding Rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.encryption import der


@given(st.integers(0, 2**80))
def test_an_integer_is_not_negative(value):
    content = der.decode(der.encode_integer(value)).expect(der.INTEGER).content
    assert int.from_bytes(content, "big", signed=True) == value
    assert len(content) == 1 or content[0] or content[1] & 0x80


@given(st.lists(st.binary(max_size=300), max_size=5))
def test_values_are_read_back(contents):
    encoded = der.encode(der.SEQUENCE, *(der.encode(der.OCTET_STRING, one) for one in contents))
    values = der.decode(encoded + b"\0").list_values()
    assert [one.content for one in values] == contents


def test_an_object_identifier_has_the_bytes_of_x690():
    assert der.encode_object_identifier("2.999.3") == bytes.fromhex("0603883703")


def test_another_tag_is_an_error():
    with pytest.raises(der.DerError, match="expected the tag 30"):
        der.decode(der.encode(der.NULL)).expect(der.SEQUENCE)
