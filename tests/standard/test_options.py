"""Options of the Basic Profile and their codes."""

from safelight.standard.options import METHOD_MEANINGS, Option


def test_codes_are_those_of_cid_7050():
    assert [option.code for option in Option] == [str(n) for n in range(113101, 113113)]


def test_every_code_has_a_meaning():
    assert set(METHOD_MEANINGS) == {"113100", *(option.code for option in Option)}
    assert Option.RETAIN_SAFE_PRIVATE.meaning == "Retain Safe Private Option"
