from __future__ import annotations

import pytest

from safelight.text.language import (
    is_foreign_text,
    is_mostly_foreign_text,
    is_unsupported_language,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Die Lunge ist frei und das Herz nicht vergrößert", True),
        ("Le coeur est normal, pas de fracture", True),
        ("El paciente refiere dolor desde hace dos días", True),
        ("The lungs are clear and the heart is normal", False),
        ("Radiografía, exploración, seguimiento y medicación", True),
        ("la la la", False),
        ("", False),
    ],
)
def test_a_text_is_foreign_if_it_has_three_distinct_function_words(
    text: str, expected: bool
) -> None:
    assert is_foreign_text(text) is expected


def test_an_english_note_with_foreign_names_is_not_mostly_foreign() -> None:
    text = "The patient of Dr. de la Cruz del Rio was seen in Los Alamos for the pain of el codo."
    assert is_foreign_text(text)
    assert not is_mostly_foreign_text(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("De patiënt werd opgenomen en is niet naar huis gegaan; er zijn geen klachten", True),
        ("Hon har inte sovit bra och är på väg till avdelningen", True),
        ("Pacjent nie spał i został przyjęty na oddział przez lekarza", True),
        ("Hasta için sonuç yok ve bu çok acil bir durum", True),
        ("Больной поступил в отделение с жалобами на боль", True),
        ("患者は二日前から腹痛を訴え救急外来を受診した。既往歴に特記事項なし。", True),
        ("The patient was seen and has no pain; he is on aspirin", False),
        ("Die Patientin wurde nicht aufgenommen und ist bei uns zur Kontrolle", False),
        ("El paciente fue dado de alta con su familia y no refiere dolor", False),
        ("Le patient est sorti avec sa famille et ne se plaint pas de douleur", False),
        ("Il paziente è stato dimesso e non ha dolore alla gamba", False),
        ("O paciente teve alta e não tem dor na perna", False),
        ("Name in full: 山田太郎, seen today", False),
        ("", False),
    ],
)
def test_a_language_without_rules_is_unsupported(text: str, expected: bool) -> None:
    assert is_unsupported_language(text) is expected
