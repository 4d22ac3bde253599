"""Dates of five languages are found in the forms that the patterns of all texts lack."""

from __future__ import annotations

import pytest

from safelight.text.recognizers.foreign_dates import find_foreign_dates


def _found(text: str) -> set[str]:
    return {text[span.begin : span.end] for span in find_foreign_dates(text)}


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("Echographie du 1er mars (Dr Sow)", "1er mars"),
        ("nata il 1° agosto 1938 a Rovigo", "1° agosto 1938"),
        ("Prossimo incontro il primo febbraio.", "primo febbraio"),
        ("examiné le dix-huit octobre 2021", "dix-huit octobre 2021"),
        ("a dezoito de outubro de 2021", "dezoito de outubro de 2021"),
        ("Consulta de 17 de set. de 2019.", "17 de set. de 2019"),
        ("terça-feira, 17 de set. de 2019", "terça-feira, 17 de set. de 2019"),
        ("Wiedervorstellung ersten Dezember", "ersten Dezember"),
        ("im Oktober vergangenen Jahres", "Oktober vergangenen Jahres"),
        ("pesadillas desde verano de 2021", "verano de 2021"),
        ("À revoir début décembre.", "décembre"),
        ("à revoir en mars", "mars"),
        ("ecocardiogramma dell'1/3 (Dott. Rossi)", "1/3"),
        ("Le 5.5.22.", "5.5.22"),
        ("verschoben auf den 11. oder 12.6.", "11."),
        ("verschoben auf den 11. oder 12.6.", "12.6."),
        ("lun 04/12/23: 4 h", "lun 04/12/23"),
        ("sex. 08/12: suspensa", "sex. 08/12"),
        ("décalée au 14 ou au 15/10.", "14"),
    ],
)
def test_a_date_is_found_in_the_form_of_the_language(text: str, date: str) -> None:
    assert date.rstrip(".") in {one.rstrip(".") for one in _found(text)}


@pytest.mark.parametrize(
    "text",
    [
        "1/3 de comprimido à noite",
        "terço distal, 1/3 médio",
        "TA 14/8, FC 82",
        "Version 5.5.22.1",
        "doses de 5 mg set",
        "il primo operatore",
        "mit dem ersten Versuch",
        "la prima visita",
    ],
)
def test_measures_and_ordinals_are_no_dates(text: str) -> None:
    assert not _found(text)
