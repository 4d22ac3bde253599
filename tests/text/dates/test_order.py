from __future__ import annotations

import pytest

from safelight.text.dates.order import find_orders


@pytest.mark.parametrize(
    ("text", "orders"),
    [
        ("born 14/6/2013, seen 03/04/2020", (True, False)),
        ("seen 03/04/2020 and 3/25/20", (False, True)),
        ("14/6/2013 and 6/14/2013", (True, True)),
        ("seen 03/04/2020", (False, False)),
        ("BP 140/90, ratio 1/2/3", (False, False)),
        ("seen 03.04.2020", (True, False)),
    ],
)
def test_the_order_is_read_from_unambiguous_dates(text: str, orders: tuple[bool, bool]) -> None:
    assert find_orders(text) == orders
