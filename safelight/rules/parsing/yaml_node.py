"""Strict access to YAML: each value is read with an expected type, each error names its line."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

import yaml

T = TypeVar("T", bound=str)
P = TypeVar("P")

#: Advice on problems that the YAML parser reports, by a part of their text.
_YAML_ADVICE = {
    "cannot start any token": "indent with spaces, not with a tab, and put a text that begins with "
    "@, % or ` in quotation marks",
    "expected '-' indicator": "indent all keys of an entry to the same column",
    "expected key": "indent all keys of a mapping to the same column",
    "mapping values are not allowed": "a key needs a colon and a space behind it, and a text with "
    "a colon needs quotation marks",
    "alphabetic or numeric character": "put a text that begins with * or & in quotation marks",
    "unexpected end of stream": "a quotation mark is not closed",
    "expected ',' or": "a brace or a bracket is not closed, or a comma is missing",
    "another document": "a rules file has one document; remove the line ---",
    "undefined alias": "put a text that begins with * in quotation marks",
}


_DECIMAL_INTEGER = re.compile(r"[-+]?[0-9_]{1,18}")
_NO_BREAK_SPACE = "\u00a0"


class RulesError(ValueError):
    """Raised if a rules file cannot be read.

    Parameters
    ----------
    file : str
        Name of the file.
    line : int
        Line of the error, counted from 1.
    expected : str
        Expected content at that line.
    column : int
        Column of the error, counted from 1; 0 if it is unknown.
    """

    def __init__(self, file: str, line: int, expected: str, column: int = 0):
        super().__init__(file, line, expected, column)
        self.file = file
        self.line = line
        self.expected = expected
        self.column = column

    def __str__(self) -> str:
        column = f", column {self.column}" if self.column else ""
        return f"{self.file}, line {self.line}{column}: expected {self.expected}"


def suggest(word: str, known: Collection[str]) -> str:
    """Return a hint with the most similar known word; empty if no word is similar.

    Parameters
    ----------
    word : str
        Word that is not known.
    known : collection of str
        Valid words.
    """
    by_folded = {one.casefold(): one for one in known}
    similar = get_close_matches(word.casefold(), by_folded, 1, 0.7)
    return f"; did you mean {by_folded[similar[0]]}?" if similar else ""


class YamlNode:
    """Node of a YAML document.

    Parameters
    ----------
    node : yaml.Node
    file : str
        Name of the file for error messages.
    label : str
        Name of the node for error messages: its key, or the key and index of its list.
    """

    def __init__(self, node: yaml.Node, file: str, label: str = "the document"):
        self.node = node
        self.file = file
        self.label = label

    @property
    def line(self) -> int:
        """Line in the file, counted from 1."""
        return int(self.node.start_mark.line) + 1

    @property
    def is_scalar(self) -> bool:
        """True if the node is neither a list nor a mapping."""
        return isinstance(self.node, yaml.ScalarNode)

    @property
    def is_mapping(self) -> bool:
        """True if the node is a mapping."""
        return isinstance(self.node, yaml.MappingNode)

    @property
    def is_null(self) -> bool:
        """True if the node has no value."""
        return self._is_scalar("null")

    def make_error(self, expected: str) -> RulesError:
        """Return an error at the line and column of this node."""
        column = int(self.node.start_mark.column) + 1
        return RulesError(self.file, self.line, expected, column)

    def as_text(self) -> str:
        """Return a string; another scalar value is returned as written."""
        if not isinstance(self.node, yaml.ScalarNode):
            advice = "; put a text with braces or brackets in quotation marks"
            raise self.make_error(f"a text for {self.label}{advice}")
        if self.node.tag.endswith(":null"):
            raise self.make_error(f"a text for {self.label}")
        return str(self.node.value)

    def parse_text(self, parse: Callable[[str], P]) -> P:
        """Return what a function makes of the text.

        Parameters
        ----------
        parse : callable
            Raises a ValueError whose message is the expected content.
        """
        text = self.as_text()
        try:
            return parse(text)
        except ValueError as error:
            raise self.make_error(str(error)) from None

    def as_choice(self, choices: Collection[T], synonyms: Mapping[str, T] | None = None) -> T:
        """Return one of the given strings.

        Parameters
        ----------
        choices : collection of str
        synonyms : mapping of str to str, optional
            Choice that a word of other tools means, for the error message.
        """
        text = self.as_text()
        for choice in choices:
            if text == choice:
                return choice
        meant = (synonyms or {}).get(text.casefold())
        hint = f"; did you mean {meant}?" if meant else suggest(text, choices)
        raise self.make_error(f"{self.label} to be one of {', '.join(choices)}, not {text}{hint}")

    def as_boolean(self) -> bool:
        """Return ``true`` or ``false``."""
        if self._is_scalar("bool"):
            return bool(yaml.SafeLoader.bool_values[self.as_text().lower()])
        raise self.make_error(f"true or false for {self.label}")

    def as_integer(self) -> int:
        """Return an integer in decimal digits; YAML has other forms, such as 0x10 and 1:30."""
        if self._is_scalar("int") and _DECIMAL_INTEGER.fullmatch(self.as_text()):
            return int(self.as_text().replace("_", ""), 10)
        raise self.make_error(f"an integer for {self.label}")

    def as_integer_between(self, first: int, last: int) -> int:
        """Return an integer in a range, both ends included."""
        number = self.as_integer()
        if not first <= number <= last:
            raise self.make_error(f"an integer from {first} to {last} for {self.label}")
        return number

    def as_number(self) -> float:
        """Return a finite number."""
        number = self._read_number()
        if number is None:
            raise self.make_error(f"a number for {self.label}")
        return number

    def as_positive_number(self) -> float:
        """Return a finite number above 0."""
        number = self.as_number()
        if number > 0:
            return number
        raise self.make_error(f"a number above 0 for {self.label}")

    def as_fraction(self) -> float:
        """Return a number from 0 to 1."""
        number = self._read_number()
        if number is None or not 0 <= number <= 1:
            raise self.make_error(f"a number from 0 to 1 for {self.label}")
        return number

    def _read_number(self) -> float | None:
        """Return a finite number in decimal digits; None for another value."""
        if not (self._is_scalar("int") or self._is_scalar("float")):
            return None
        try:
            number = float(self.as_text().replace("_", ""))
        except ValueError:  # YAML has further forms, such as 0x10, 1:30 and .nan
            return None
        return number if math.isfinite(number) else None

    def _is_scalar(self, yaml_type: str) -> bool:
        """Return whether YAML resolves the node to a scalar of a type."""
        return isinstance(self.node, yaml.ScalarNode) and self.node.tag.endswith(f":{yaml_type}")

    def as_list(self) -> list[YamlNode]:
        """Return the entries of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            advice = "; begin each entry with -" if isinstance(self.node, yaml.MappingNode) else ""
            raise self.make_error(f"a list for {self.label}{advice}")
        return [
            YamlNode(node, self.file, f"{self.label}[{index}]")
            for index, node in enumerate(self.node.value)
        ]

    def as_list_or_single(self) -> list[YamlNode]:
        """Return the entries of a list, or the node itself if it is not a list."""
        return self.as_list() if isinstance(self.node, yaml.SequenceNode) else [self]

    def as_mapping(self, keys: Collection[str] | None) -> YamlMapping:
        """Return a mapping that has only the given keys; None allows any key."""
        return YamlMapping(self, keys)


class YamlMapping:
    """Mapping of a YAML document.

    Parameters
    ----------
    node : YamlNode
    keys : collection of str or None
        Allowed keys; None allows any.

    Raises
    ------
    RulesError
        If the node is not a mapping, or if a key is unknown or repeated.
    """

    def __init__(self, node: YamlNode, keys: Collection[str] | None):
        allowed = ", ".join(keys) if keys is not None else "keys with their values"
        if not isinstance(node.node, yaml.MappingNode):
            raise node.make_error(f"{node.label} to have {allowed}")
        self.node = node
        self._values: dict[str, YamlNode] = {}
        self._keys: dict[str, YamlNode] = {}
        for yaml_key, yaml_value in node.node.value:
            key = YamlNode(yaml_key, node.file, f"a key of {node.label}")
            name = key.as_text()
            if name in self._values:
                raise key.make_error(f"the key {name} only once in {node.label}")
            if keys is not None and name not in keys:
                hint = suggest(name, keys)
                if name.endswith(")"):  # (0010,0010) in braces is read as two keys
                    hint = "; put a tag or a text with a comma in quotation marks"
                raise key.make_error(
                    f"{node.label} to have only {allowed}; {name} is unknown{hint}"
                )
            self._keys[name] = key
            self._values[name] = YamlNode(yaml_value, node.file, name)

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def get(self, key: str) -> YamlNode | None:
        """Return the value of a key, or None if the key is missing."""
        return self._values.get(key)

    def get_key_node(self, key: str) -> YamlNode:
        """Return the node of a key that is present, for errors about the key itself."""
        return self._keys[key]

    def require(self, key: str) -> YamlNode:
        """Return the value of a key that must be present."""
        if key not in self._values:
            raise self.node.make_error(f"{key} in {self.node.label}")
        return self._values[key]


def parse_document(text: str, file: str) -> YamlNode:
    """Return the root node of a YAML document.

    Parameters
    ----------
    text : str
    file : str
        Name for error messages.

    Raises
    ------
    RulesError
        If the text is not valid YAML or is empty.
    """
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        node = yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 0)
        context = "".join(text.split("\n", line)[max(line - 2, 0) : line])
        explanation = _explain(str(error.problem), context)
        raise RulesError(file, line, f"valid YAML ({explanation})", column) from None
    except yaml.reader.ReaderError as error:
        before = text[: error.position if isinstance(error.position, int) else 0]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        expected = "valid YAML (a character that YAML does not allow)"
        raise RulesError(file, line, expected, column) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise RulesError(file, 1, f"valid YAML ({type(error).__name__})") from None
    if node is None:
        raise RulesError(file, 1, "a rule set, but the file is empty")
    return YamlNode(node, file)


def _explain(problem: str, context: str) -> str:
    """Return a problem that the YAML parser reports, with advice if there is any.

    Parameters
    ----------
    problem : str
    context : str
        Line of the problem, and the line before it.
    """
    if _NO_BREAK_SPACE in context:
        return f"{problem}; replace the no-break space of a word processor by a space"
    advice = next((text for part, text in _YAML_ADVICE.items() if part in problem), "")
    return f"{problem}; {advice}" if advice else problem
