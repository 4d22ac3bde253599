from __future__ import annotations

import pytest

from safelight.text.language import is_foreign_text, is_mostly_foreign_text


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
