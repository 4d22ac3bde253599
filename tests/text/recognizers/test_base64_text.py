from __future__ import annotations

import base64

import pytest

from safelight.text.recognizers.base64_text import is_base64_text
from safelight.text.recognizers.patterns import find_patterns


@pytest.mark.parametrize("text", ["Anna Lindqvist", "Jürgen Müller", "Lee, Ann 03/14/1960"])
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16-le"])
def test_base64_of_a_text_is_hidden(text: str, encoding: str) -> None:
    encoded = base64.b64encode(text.encode(encoding)).decode()
    note = f"Attachment {encoded} was sent."
    assert encoded in [note[span.begin : span.end] for span in find_patterns(note)]


def test_base64_in_lines_is_one_value() -> None:
    encoded = base64.encodebytes(b"Seen with Anna Lindqvist today. " * 8).decode().strip()
    assert "\n" in encoded
    note = f"Attachment:\n{encoded}\n\nPlan: rest"
    assert encoded in [note[span.begin : span.end] for span in find_patterns(note)]


@pytest.mark.parametrize(
    "value",
    [
        "Cholecystectomy2ndStage",
        "T1WeightedSagittal3D",
        "HelloWorld1234Foo",
        "0a1b2c3d" * 8,
        "MR/CT/US/2020/Abdomen",
    ],
)
def test_words_and_checksums_stay(value: str) -> None:
    assert not is_base64_text(value)
