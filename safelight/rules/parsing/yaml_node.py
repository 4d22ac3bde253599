"""Strict reading of YAML: every value is asked for by type, every mistake names its line."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, TypeVar

import yaml

T = TypeVar("T", bound=str)


class RulesError(ValueError):
    """A rules file that cannot be read.

    Parameters
    ----------
    file : str
        Name of the file.
    line : int
        Counted from 1.
    expected : str
        What should stand there.
    """

    def __init__(self, file: str, line: int, expected: str):
        super().__init__(file, line, expected)
        self.file = file
        self.line = line
        self.expected = expected

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: expected {self.expected}"


class YamlNode:
    """A node of the document with its place."""

    def __init__(self, node: yaml.Node, file: str, where: str = "the document"):
        self.node = node
        self.file = file
        self.where = where

    @property
    def line(self) -> int:
        """Line in the file, from 1."""
        return int(self.node.start_mark.line) + 1

    def error(self, expected: str) -> RulesError:
        """An error at this place."""
        return RulesError(self.file, self.line, expected)

    def text(self) -> str:
        """A string (or another plain value, as written)."""
        if not isinstance(self.node, yaml.ScalarNode) or self.node.tag.endswith(":null"):
            raise self.error(f"a text for {self.where}")
        return str(self.node.value)

    def one_of(self, choices: Collection[T]) -> T:
        """One of some words."""
        text = self.text()
        for choice in choices:
            if text == choice:
                return choice
        raise self.error(f"{self.where} to be one of {', '.join(choices)}, not {text}")

    def boolean(self) -> bool:
        """``true`` or ``false``."""
        if self._plain("bool"):
            return bool(yaml.SafeLoader.bool_values[self.text().lower()])
        raise self.error(f"true or false for {self.where}")

    def integer(self) -> int:
        """A whole number."""
        if self._plain("int"):
            return int(self.text().replace("_", ""), 10)
        raise self.error(f"a whole number for {self.where}")

    def share(self) -> float:
        """A number from 0 to 1."""
        if self._plain("int") or self._plain("float"):
            number = float(self.text())
            if 0 <= number <= 1:
                return number
        raise self.error(f"a number from 0 to 1 for {self.where}")

    def _plain(self, kind: str) -> bool:
        return isinstance(self.node, yaml.ScalarNode) and self.node.tag.endswith(f":{kind}")

    def items(self) -> list[YamlNode]:
        """The entries of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.error(f"a list for {self.where}")
        return [
            YamlNode(node, self.file, f"{self.where}[{index}]")
            for index, node in enumerate(self.node.value)
        ]

    def texts(self) -> list[YamlNode]:
        """The entries of a list, or one value for a list of one."""
        return self.items() if isinstance(self.node, yaml.SequenceNode) else [self]

    def section(self, keys: Collection[str] | None) -> YamlMapping:
        """A mapping whose keys are among ``keys``; ``None`` allows any."""
        return YamlMapping(self, keys)


class YamlMapping:
    """A mapping, each key once.

    Raises
    ------
    RulesError
        At a key that is unknown or stands twice.
    """

    def __init__(self, value: YamlNode, keys: Collection[str] | None):
        allowed = ", ".join(keys) if keys is not None else "keys with their values"
        if not isinstance(value.node, yaml.MappingNode):
            raise value.error(f"{value.where} to hold {allowed}")
        self.value = value
        self._values: dict[str, YamlNode] = {}
        for key_node, node in value.node.value:
            key = YamlNode(key_node, value.file, f"a key of {value.where}")
            name = key.text()
            if name in self._values:
                raise key.error(f"{name} to stand once in {value.where}")
            if keys is not None and name not in keys:
                raise key.error(f"{value.where} to hold only {allowed}; {name} is unknown")
            self._values[name] = YamlNode(node, value.file, name)

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def get(self, key: str) -> YamlNode | None:
        """The value of a key, or ``None``."""
        return self._values.get(key)

    def need(self, key: str) -> YamlNode:
        """The value of a key that must be there."""
        if key not in self._values:
            raise self.value.error(f"{key} in {self.value.where}")
        return self._values[key]


def read_document(text: str, file: str) -> YamlNode:
    """The root of a document.

    Raises
    ------
    RulesError
        If it is not YAML, or empty.
    """
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        node = yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise RulesError(file, line, f"valid YAML ({error.problem})") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise RulesError(file, 1, f"valid YAML ({type(error).__name__})") from None
    if node is None:
        raise RulesError(file, 1, "a rule set, but the file is empty")
    return YamlNode(node, file)
