"""Text that is found and copied but not drawn (ISO 32000-1, section 9.3.6, mode 3).

The fonts have no shapes: every character is an empty Type 3 glyph, and a ToUnicode map says what
it stands for. So any character of Unicode can be written, and no font has to be embedded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from safelight.documents.pdf.text_layer import PageWord

#: Codes of one font.
_CODES = 255
_EM = 1000
#: Advance of each glyph; words are stretched to their boxes.
_ADVANCE = 500


class InvisibleFonts:
    """Fonts for all characters of a document.

    Parameters
    ----------
    texts : iterable of str
    """

    def __init__(self, texts: Iterable[str]):
        characters = sorted({character for text in texts for character in text} | {" "})
        self._codes = {
            character: divmod(index, _CODES) for index, character in enumerate(characters)
        }
        self._fonts = [
            characters[start : start + _CODES] for start in range(0, len(characters), _CODES)
        ]

    @property
    def count(self) -> int:
        """How many fonts there are; they are called ``/F0``, ``/F1`` …"""
        return len(self._fonts)

    def objects(self, first: int) -> list[bytes]:
        """The objects of the fonts; object ``first + 3 n`` is font ``n``."""
        objects = []
        for index, characters in enumerate(self._fonts):
            number = first + 3 * index
            glyph = f"{_ADVANCE} 0 d0".encode()
            last = len(characters)
            widths = " ".join([str(_ADVANCE)] * last)
            names = " ".join(["/g"] * last)
            font = (
                f"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 {_ADVANCE} {_EM}] "
                f"/FontMatrix [{1 / _EM} 0 0 {1 / _EM} 0 0] /FirstChar 1 /LastChar {last} "
                f"/Widths [{widths}] /Encoding << /Type /Encoding /Differences [1 {names}] >> "
                f"/CharProcs << /g {number + 1} 0 R >> /Resources << >> "
                f"/ToUnicode {number + 2} 0 R >>"
            )
            objects += [font.encode(), _stream(glyph), _stream(_to_unicode(characters))]
        return objects

    def content(self, words: Sequence[PageWord], scale: float, height: float) -> bytes:
        """Operators that write words behind a picture.

        Parameters
        ----------
        words : sequence of PageWord
            Boxes in pixels, from the upper left corner.
        scale : float
            Points a pixel.
        height : float
            Of the page, in points.
        """
        lines = ["BT 3 Tr"]
        for word in words:
            x, y, width, tall = (value * scale for value in word.box)
            size = max(1.0, tall)
            stretch = 100 * width / (size * _ADVANCE / _EM * len(word.text))
            lines.append(f"{stretch:.2f} Tz 1 0 0 1 {x:.2f} {height - y - tall:.2f} Tm")
            for font, codes in self._runs(f"{word.text} "):
                lines.append(f"/F{font} {size:.2f} Tf <{codes.hex()}> Tj")
        return "\n".join([*lines, "ET"]).encode()

    def _runs(self, text: str) -> list[tuple[int, bytes]]:
        runs: list[tuple[int, bytes]] = []
        for character in text:
            font, code = self._codes[character]
            if runs and runs[-1][0] == font:
                runs[-1] = (font, runs[-1][1] + bytes([code + 1]))
            else:
                runs.append((font, bytes([code + 1])))
        return runs


def _to_unicode(characters: Sequence[str]) -> bytes:
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
