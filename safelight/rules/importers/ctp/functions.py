"""Parse the function language of the CTP anonymizer: text and calls such as ``@hash(this,6)``."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Name of a function; spaces count as part of a call only if arguments follow.
_NAME = re.compile(r"@\s*(\w+)\s*(?=\()|@(\w+)")
#: Functions that are followed by one or two clauses in braces.
_CLAUSES = {"if": 2, "select": 2, "append": 1}
_MAX_SCRIPT_DEPTH = 20


@dataclass(frozen=True)
class Call:
    """Call of a function.

    Attributes
    ----------
    name : str
        Name in lower case.
    arguments : tuple of str
        Arguments, without quotation marks.
    clauses : tuple of str
        Scripts in braces: of ``@if`` and ``@select`` two, of ``@append`` one.
    """

    name: str
    arguments: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()


#: A script is a list of texts and calls, whose results are joined.
ScriptParts = tuple[str | Call, ...]


def parse_script(text: str) -> ScriptParts:
    """Return the texts and calls of a script.

    Parameters
    ----------
    text : str

    Raises
    ------
    ValueError
        If parentheses or braces are not closed.
    """
    parts: list[str | Call] = []
    start = position = 0
    while position < len(text):
        if text[position] == "\\":
            position += 2
            continue
        match = _NAME.match(text, position)
        if match is None:
            position += 1
            continue
        _append_text(parts, text[start:position])
        call, position = _parse_call(text, match)
        parts.append(call)
        start = position
    _append_text(parts, text[start:])
    return tuple(parts)


def _append_text(parts: list[str | Call], text: str) -> None:
    """Append a text, without the escape characters."""
    if text:
        parts.append(re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL))


def _parse_call(text: str, match: re.Match[str]) -> tuple[Call, int]:
    """Return a call and the position behind it."""
    name, position = (match[1] or match[2]).lower(), match.end()
    arguments: tuple[str, ...] = ()
    if text[position : position + 1] == "(":
        end = _find_end(text, position, "(", ")")
        arguments = _split_arguments(text[position + 1 : end])
        position = end + 1
    clauses = []
    for _ in range(_CLAUSES.get(name, 0)):
        opening = _skip_spaces(text, position)
        if text[opening : opening + 1] != "{":
            break
        end = _find_end(text, opening, "{", "}")
        clauses.append(text[opening + 1 : end])
        position = end + 1
    return Call(name, arguments, tuple(clauses)), position


def _skip_spaces(text: str, position: int) -> int:
    """Return the position of the next character that is not a space."""
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _find_end(text: str, position: int, opening: str, closing: str) -> int:
    """Return the position of the bracket that closes the one at a position."""
    depth, is_quoted = 0, False
    while position < len(text):
        character = text[position]
        if character == "\\":
            position += 1
        elif character == '"':
            is_quoted = not is_quoted
        elif not is_quoted and character == opening:
            depth += 1
            if depth > _MAX_SCRIPT_DEPTH:
                break
        elif not is_quoted and character == closing:
            depth -= 1
            if depth == 0:
                return position
        position += 1
    raise ValueError(
        f"{closing} is missing, or the script has more than {_MAX_SCRIPT_DEPTH} levels"
    )


def _split_arguments(text: str) -> tuple[str, ...]:
    """Return the arguments, which commas outside quotation marks and tags separate."""
    if not text.strip():
        return ()
    arguments, start, is_quoted, depth = [], 0, False, 0
    for position, character in enumerate(text):
        if character == '"':
            is_quoted = not is_quoted
        elif is_quoted:
            continue
        elif character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif character == "," and depth <= 0:
            arguments.append(text[start:position])
            start = position + 1
    arguments.append(text[start:])
    return tuple(_unquote(argument.strip()) for argument in arguments)


def _unquote(text: str) -> str:
    """Return a text without the quotation marks around it."""
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
