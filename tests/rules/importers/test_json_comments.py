"""Comments in JSON files of other tools."""

import pytest

from safelight.rules.importers.json_comments import blank_comments


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1, // b\n "c": 2}', '{"a": 1,     \n "c": 2}'),
        ('{/* a\n b */"c": 2}', '{    \n     "c": 2}'),
        ('{"a": "http://x/*y*/", "b\\"//": 1}', '{"a": "http://x/*y*/", "b\\"//": 1}'),
    ],
)
def test_comments_are_blanked_and_strings_stay(text, expected):
    assert blank_comments(text) == expected
