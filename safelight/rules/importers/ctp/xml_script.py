"""Read the XML of a script of the CTP or RSNA anonymizer, with line numbers, without comments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from xml.parsers import expat


@dataclass
class ScriptLine:
    """Element of a script.

    Attributes
    ----------
    kind : str
        ``p`` parameter, ``e`` element, ``k`` kept group or ``r`` global removal.
    name : str
        Attribute ``t``: name, tag or group.
    is_enabled : bool
        Attribute ``en``.
    line : int
        Line in the file, counted from 1.
    text : str
        Content.
    title : str
        Attribute ``n``: name of the element, by which functions refer to it.
    """

    kind: str
    name: str
    is_enabled: bool
    line: int
    text: str = ""
    title: str = ""


class _Reader:
    """Handlers of the XML parser.

    Parameters
    ----------
    parser : xml.parsers.expat.XMLParserType
    """

    def __init__(self, parser: Any):  # the type of expat parsers has no public name
        self.parser = parser
        self.lines: list[ScriptLine] = []
        self._depth = 0
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._add_text
        parser.EntityDeclHandler = self._refuse_entity

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth == 1 and name != "script":
            raise ValueError(f"the root element is {name[:20]!r} and not script")
        if self._depth == 2 and name in ("p", "e", "k", "r"):
            is_enabled = name == "p" or attributes.get("en") == "T"
            tag, title = attributes.get("t", "").strip(), attributes.get("n", "").strip()
            line = self.parser.CurrentLineNumber
            self.lines.append(ScriptLine(name, tag, is_enabled, line, title=title))

    def _end(self, _name: str) -> None:
        self._depth -= 1

    def _add_text(self, text: str) -> None:
        if self._depth == 2 and self.lines:
            self.lines[-1].text += text

    def _refuse_entity(self, *_arguments: object) -> None:
        raise ValueError("entities are not accepted")


def read_script_lines(text: str) -> list[ScriptLine]:
    """Return the elements of a script in the order of the file.

    Parameters
    ----------
    text : str

    Raises
    ------
    ValueError
        If the text is not well-formed XML with the root element ``script``.
    """
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    reader = _Reader(parser)
    try:
        parser.Parse(text.lstrip("\ufeff \t\r\n").encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        raise ValueError(
            f"line {error.lineno} is not well-formed XML ({expat.ErrorString(error.code)})"
        ) from None
    return reader.lines
