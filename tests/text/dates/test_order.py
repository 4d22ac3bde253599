from __future__ import annotations

import pytest

from safelight.text.dates.order import reads_day_first


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("born 14/6/2013, seen 03/04/2020", True),
        ("seen 03/04/2020 and 3/25/20", False),
        ("14/6/2013 and 6/14/2013", None),
        ("seen 03/04/2020", None),
        ("Echographie du 12/10/2021, adressée par la clinique, avec le docteur", True),
        ("BP 140/90, ratio 1/2/3", None),
    ],
)
def test_the_order_is_read_from_unambiguous_dates_or_the_language(
    text: str, order: bool | None
) -> None:
    assert reads_day_first(text) is order
