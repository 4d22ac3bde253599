from __future__ import annotations

import pytest

from safelight.text.language import is_foreign_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Die Lunge ist frei und das Herz nicht vergrößert", True),
        ("Le coeur est normal, pas de fracture", True),
        ("El paciente refiere dolor desde hace dos días", True),
        ("The lungs are clear and the heart is normal", False),
        ("la la la", False),
        ("", False),
    ],
)
def test_a_text_is_foreign_if_it_has_three_distinct_function_words(
    text: str, expected: bool
) -> None:
    assert is_foreign_text(text) is expected
