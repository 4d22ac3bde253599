"""Write text that can be searched and copied but is not drawn (ISO 32000-1, 9.3.6, mode 3).

The fonts have no outlines: every character is an empty Type 3 glyph, and a ToUnicode map gives
its meaning. In this way every Unicode character can be written without an embedded font.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from safelight.documents.pdf.text_layer import PageWord

#: Character codes of one font, from 1.
_CODES_PER_FONT = 255
#: Glyph units of one em.
_EM_UNITS = 1000
#: Advance width of each glyph; words are stretched to their boxes.
_ADVANCE_UNITS = 500


class InvisibleFonts:
    """Fonts for all characters of a document.

    Parameters
    ----------
    texts : iterable of str
        All words of the document.
    """

    def __init__(self, texts: Iterable[str]):
        characters = sorted({character for text in texts for character in text} | {" "})
        self._codes = {
            character: divmod(index, _CODES_PER_FONT) for index, character in enumerate(characters)
        }
        self._fonts = [
            characters[start : start + _CODES_PER_FONT]
            for start in range(0, len(characters), _CODES_PER_FONT)
        ]

    @property
    def count(self) -> int:
        """Number of fonts; their names are ``/F0``, ``/F1`` and so on."""
        return len(self._fonts)

    def objects(self, first: int) -> list[bytes]:
        """Return the PDF objects of the fonts; object ``first + 3 n`` is font ``n``."""
        objects = []
        for index, characters in enumerate(self._fonts):
            number = first + 3 * index
            glyph = f"{_ADVANCE_UNITS} 0 d0".encode()
            last = len(characters)
            widths = " ".join([str(_ADVANCE_UNITS)] * last)
            names = " ".join(["/g"] * last)
            font = (
                f"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 {_ADVANCE_UNITS} {_EM_UNITS}] "
                f"/FontMatrix [{1 / _EM_UNITS} 0 0 {1 / _EM_UNITS} 0 0] "
                f"/FirstChar 1 /LastChar {last} "
                f"/Widths [{widths}] /Encoding << /Type /Encoding /Differences [1 {names}] >> "
                f"/CharProcs << /g {number + 1} 0 R >> /Resources << >> "
                f"/ToUnicode {number + 2} 0 R >>"
            )
            objects += [font.encode(), _stream(glyph), _stream(_to_unicode(characters))]
        return objects

    def content(self, words: Sequence[PageWord], scale: float, height: float) -> bytes:
        """Return the content stream operators that write words behind a picture.

        Parameters
        ----------
        words : sequence of PageWord
            Boxes in pixels, from the upper left corner.
        scale : float
            Points per pixel.
        height : float
            Height of the page in points.
        """
        lines = ["BT 3 Tr"]
        for word in words:
            x, y, width, tall = (value * scale for value in word.box)
            size = max(1.0, tall)
            stretch = 100 * width / (size * _ADVANCE_UNITS / _EM_UNITS * len(word.text))
            lines.append(f"{stretch:.2f} Tz 1 0 0 1 {x:.2f} {height - y - tall:.2f} Tm")
            for font, codes in self._runs(f"{word.text} "):
                lines.append(f"/F{font} {size:.2f} Tf <{codes.hex()}> Tj")
        return "\n".join([*lines, "ET"]).encode()

    def _runs(self, text: str) -> list[tuple[int, bytes]]:
        """Return the text as runs of one font each: font number and character codes."""
        runs: list[tuple[int, bytes]] = []
        for character in text:
            font, code = self._codes[character]
            if runs and runs[-1][0] == font:
                runs[-1] = (font, runs[-1][1] + bytes([code + 1]))
            else:
                runs.append((font, bytes([code + 1])))
        return runs


def _to_unicode(characters: Sequence[str]) -> bytes:
    """Return the ToUnicode map of a font (ISO 32000-1, section 9.10.3)."""
    entries = [
        f"<{code:02x}> <{character.encode('utf-16-be', 'replace').hex()}>"
        for code, character in enumerate(characters, 1)
    ]
    blocks = [
        "\n".join([f"{len(part)} beginbfchar", *part, "endbfchar"])
        for part in (entries[start : start + 100] for start in range(0, len(entries), 100))
    ]
    return "\n".join(
        [
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
            "/CMapName /Plain def /CMapType 2 def",
            "1 begincodespacerange <00> <ff> endcodespacerange",
            *blocks,
            "endcmap CMapName currentdict /CMap defineresource pop end end",
        ]
    ).encode()


def _stream(data: bytes) -> bytes:
    return f"<< /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream"
