"""Lists of identifiers, neutral values and words of the verifier."""

from __future__ import annotations

from safelight.verify.identifiers import load_identifiers, load_vocabulary


def test_every_identifier_is_an_attribute_of_the_standard() -> None:
    found = load_identifiers()  # raises for an unknown keyword
    assert {"PatientID", "AccessionNumber", "InstitutionName", "PatientAddress"} <= found.keys()
    assert "PatientSex" not in found


def test_the_vocabulary_has_words_of_the_dictionary_and_no_names() -> None:
    assert {"series", "acquisition", "chest", "phantom"} <= load_vocabulary()
    assert not {"quillfeather", "hargreave", "smith", "garcia"} & load_vocabulary()
