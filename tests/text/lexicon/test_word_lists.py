from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest

from safelight.text.lexicon.word_lists import entries, expand_lists, listed_words, word_set

CONCEPTS = sorted(
    file.name.removesuffix(".csv")
    for file in (resources.files("safelight.text.lexicon") / "lists").iterdir()
    if file.name.endswith(".csv")
)


def test_words_keep_the_order_of_the_file() -> None:
    assert listed_words("us_states.name")[:2] == ("Alabama", "Alaska")


def test_reference_to_a_use_gives_the_words_of_that_use() -> None:
    assert "kaiser" in word_set("institutions.screen_strong")
    assert "kaiser" not in word_set("institutions.common")


def test_word_of_two_rows_is_listed_once() -> None:
    assert listed_words("months").count("august") == 1


def test_unknown_use_is_refused() -> None:
    with pytest.raises(KeyError, match="correct the reference"):
        listed_words("titles.unknown")


def test_reference_in_an_expression_becomes_alternatives() -> None:
    pattern = re.compile(expand_lists(r"(?<!\w)<list:us_states.name>(?!\w)"))
    found = pattern.search("from West Virginia, USA")
    assert found is not None and found[0] == "West Virginia"


def test_longer_word_is_preferred() -> None:
    assert re.compile(expand_lists("<list:titles.kept>")).match("mrs jones")[0] == "mrs"  # type: ignore[index]


def test_expression_without_reference_stays_as_it_is() -> None:
    assert expand_lists(r"(?P<list>a)<b>") == r"(?P<list>a)<b>"


@pytest.mark.parametrize("concept", CONCEPTS)
def test_list_has_no_row_twice_and_known_language_codes(concept: str) -> None:
    rows = entries(concept)
    assert len({(row.word, row.languages) for row in rows}) == len(rows)
    languages = {language for row in rows for language in row.languages}
    assert all(re.fullmatch("[a-z]{2}", language) for language in languages)


def _references() -> set[str]:
    """Return all references to lists in code and data of the library."""
    root = Path(str(resources.files("safelight")))
    files = [path for path in root.rglob("*") if path.suffix in (".py", ".yaml")]
    text = "\n".join(path.read_text("utf-8") for path in files)
    found = re.findall(r'<list:([a-z0-9_.]+)>|(?:word_set|listed_words)\("([a-z0-9_.]+)"\)', text)
    return {one or other for one, other in found} - {"concept.use"}


@pytest.mark.parametrize("reference", sorted(_references()))
def test_reference_in_the_library_has_words(reference: str) -> None:
    assert listed_words(reference)


def test_every_list_is_referenced() -> None:
    concepts = {reference.partition(".")[0] for reference in _references()}
    assert set(CONCEPTS) - {"months", "weekdays"} <= concepts
