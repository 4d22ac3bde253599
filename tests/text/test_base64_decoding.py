from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.text.base64_decoding import decode_base64


@given(st.binary(), st.booleans(), st.booleans())
def test_both_alphabets_are_decoded_with_and_without_padding(
    data: bytes, is_url_safe: bool, has_padding: bool
) -> None:
    encode = base64.urlsafe_b64encode if is_url_safe else base64.b64encode
    run = encode(data).decode()
    assert decode_base64(run if has_padding else run.rstrip("=")) == data


@pytest.mark.parametrize("run", ["A", "AAAA!", "Jürgen=="])
def test_other_characters_are_refused(run: str) -> None:
    assert decode_base64(run) is None
