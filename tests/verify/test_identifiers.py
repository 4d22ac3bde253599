"""Lists of identifiers, neutral values and words of the verifier."""

from __future__ import annotations

from pydicom.datadict import tag_for_keyword

from safelight.verify.identifiers import load_identifiers, load_vocabulary
from safelight.verify.profile_attributes import load_profile_attributes


def test_every_identifier_is_an_attribute_of_the_standard() -> None:
    found = load_identifiers()  # raises for an unknown keyword
    assert {"PatientID", "AccessionNumber", "InstitutionName", "PatientAddress"} <= found.keys()
    assert "PatientSex" not in found


def test_the_vocabulary_has_words_of_the_dictionary_and_no_names() -> None:
    assert {"series", "acquisition", "chest", "phantom"} <= load_vocabulary()
    assert not {"quillfeather", "hargreave", "smith", "garcia"} & load_vocabulary()


def test_an_option_that_retains_an_attribute_of_the_profile_allows_the_identifier() -> None:
    table = load_profile_attributes()
    rows = {k: table.get(tag_for_keyword(k) or 0) for k in load_identifiers()}
    differing = {
        keyword
        for keyword, row in rows.items()
        if row is not None and row.granted_by != load_identifiers()[keyword].granted_by
    }
    assert differing == set()
