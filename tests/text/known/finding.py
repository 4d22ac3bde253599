from __future__ import annotations

from safelight.text.known.known_phi import KnownPHI, KnownValue


def find_texts(values: list[KnownValue], text: str, fuzzy: bool = False) -> list[str]:
    """Return the texts of the spans of known values."""
    return [text[span.begin : span.end] for span in KnownPHI(values).find(text, fuzzy)]
