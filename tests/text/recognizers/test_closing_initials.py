from __future__ import annotations

import pytest

from safelight.text.recognizers.closing_initials import find_closing_initials


@pytest.mark.parametrize(
    ("text", "initials"),
    [
        ("Face sheet faxed. Case closed. ldw", ["ldw"]),
        ("Dr Boone aware, no orders. tlc rn", ["tlc"]),
        ("Patient stable. - QRW", ["QRW"]),
        ("Patient stable. QRW/zt\n", ["QRW/zt"]),
        ("Patient stable. NKDA", []),
        ("Take it twice. ok", []),
        ("Seen in the ED", []),
        ("QRW stable.", []),
    ],
)
def test_initials_are_at_the_end(text: str, initials: list[str]) -> None:
    assert [text[span.begin : span.end] for span in find_closing_initials(text)] == initials
