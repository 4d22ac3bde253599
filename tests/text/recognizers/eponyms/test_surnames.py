from __future__ import annotations

import pytest

from safelight.text.recognizers.eponyms import surnames
from safelight.text.recognizers.eponyms.surnames import is_eponym
from tests.rule_decisions import deciding_rule, rule_names

#: Rule: text, value, decision.
EXAMPLES = {
    "verb": ("Did Kaplan sign the note", "Kaplan", False),
    "after_body_part": ("circle of Willis", "Willis", True),
    "next_in_list": ("Phalen and Tinel", "Phalen", True),
    "previous_in_list": ("Phalen and Tinel", "Tinel", True),
    "in_brackets": ("no sign (Romberg) seen", "Romberg", True),
    "sign_noun": ("Romberg negative", "Romberg", True),
    "listed_noun": ("Horner pupil", "Horner", True),
    "genitive_of_measure": ("LA dilated, Simpson's EF 48%", "Simpson", True),
    "suspected": ("Perineum: watch for Fournier. Kidney", "Fournier", True),
    "genitive": ("they said Reinke's. She left", "Reinke", True),
    "subtype": ("Acrofacial dysostosis, Rodríguez type", "Rodríguez", True),
    "not_one_surname": ("Anna Kowalczyk sign", "Anna Kowalczyk", False),
    "clinical_word": ("Loeffler endocarditis", "Loeffler", True),
    "grade": ("a hip with Pipkin II", "Pipkin", True),
    "noun_in_description": ("Quillfeather coil", "Quillfeather", True),
    "three_names": ("Damus-Kaye-Stansel", "Stansel", True),
    "any_noun": ("KOWALCZYK SIGN NEGATIVE", "KOWALCZYK", True),
    "score": (f"Hamilton rating scale {'of that patient ' * 4}", "Hamilton", True),
}


def _range(text: str, value: str) -> tuple[int, int]:
    begin = text.index(value)
    return begin, begin + len(value)


@pytest.mark.parametrize(("rule", "example"), EXAMPLES.items())
def test_rule_decides_about_a_surname(rule: str, example: tuple[str, str, bool]) -> None:
    text, value, expected = example
    place = _range(text, value)
    assert deciding_rule(surnames._EPONYM_RULES, lambda: is_eponym(text, *place)) == rule
    assert is_eponym(text, *place) is expected


def test_every_rule_has_an_example() -> None:
    assert rule_names(surnames._EPONYM_RULES) == set(EXAMPLES)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Kowalczyk was seen", "Kowalczyk"),
        ("Taylor's repair is on hold", "Taylor"),
        ("Pemberton's DME form", "Pemberton"),
        ("Acheampong aortic arch CT", "Acheampong"),
        ("WEINRICK ANEMIA", "WEINRICK"),
        ("drugs for Eun-ji's regimen", "Eun-ji"),
    ],
)
def test_name_of_a_person_is_not_an_eponym(text: str, value: str) -> None:
    assert not is_eponym(text, *_range(text, value))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Jackson-Weiss syndrome", "Jackson"),
        ("Jackson-Weiss syndrome", "Weiss"),
        ("Melnick–Needles syndrome", "Melnick"),
        ("Gabriele-de Vries syndrome", "Gabriele"),
        ("Van den Bosch syndrome", "Van den Bosch"),
        ("Danis-Weber C", "Danis-Weber C"),
        ("Upper limb dysplasia, type Fryns", "Fryns"),
        ("Bone dysplasia, lethal Holmgren type", "Holmgren"),
        ("Jeune asphyxiating thoracic dystrophy", "Jeune"),
        ("Addison pigmentation", "Addison"),
        ("spastic ataxia of Charlevoix-Saguenay", "Saguenay"),
    ],
)
def test_name_of_a_disease_is_an_eponym_as_a_whole(text: str, name: str) -> None:
    begin = text.index(name)
    assert is_eponym(text, begin, begin + len(name))


@pytest.mark.parametrize(
    ("text", "name"),
    [("seen by Jackson-Weiss today", "Jackson"), ("DM, Wilson type 2 diabetes", "Wilson")],
)
def test_name_before_another_noun_is_not_an_eponym(text: str, name: str) -> None:
    begin = text.index(name)
    assert not is_eponym(text, begin, begin + len(name))
