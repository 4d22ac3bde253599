"""Load a rule set by name, from a file or from text."""

from __future__ import annotations

import importlib.resources
import re
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from safelight.rules.model import UNDEFINED_ACTIONS, RuleSet
from safelight.rules.parsing.additions import parse_addition
from safelight.rules.parsing.elements import parse_entry, parse_option
from safelight.rules.parsing.encryption import parse_encryption
from safelight.rules.parsing.filters import parse_filter
from safelight.rules.parsing.lookups import parse_lookups
from safelight.rules.parsing.settings import apply_settings, mask_dates_in_text
from safelight.rules.parsing.yaml_node import RulesError, YamlMapping, YamlNode, parse_document

#: Keys of a rules file.
DOCUMENT_KEYS = (
    "name", "version", "description", "extends", "profile", "options", "default", "elements",
    "filters", "dates", "ids", "uids", "names", "pixels", "text", "lookups", "add", "dummies",
    "encrypt",
)  # fmt: skip
_MAX_EXTENDS_DEPTH = 5


def list_shipped_rules() -> tuple[str, ...]:
    """Return the names of the rule sets that are part of the software."""
    folder = importlib.resources.files("conf") / "rules"
    return tuple(sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".yaml")))


def load_rules(source: str | Path | RuleSet) -> RuleSet:
    """Return a rule set.

    Parameters
    ----------
    source : str, Path or RuleSet
        Name of a shipped rule set (``basic``, ``research``), path of a YAML file, or YAML text,
        which has more than one line. A `RuleSet` is returned as it is.

    Returns
    -------
    RuleSet

    Raises
    ------
    RulesError
        If the rules cannot be read. It names file, line and the expected content.
    """
    if isinstance(source, RuleSet):
        return source
    if isinstance(source, str) and "\n" in source:
        return parse_rules(source, "rules")
    return _load(str(source), None, 0)


def parse_rules(text: str, file: str) -> RuleSet:
    """Return the rule set in a YAML text.

    Parameters
    ----------
    text : str
    file : str
        Name for error messages.

    Raises
    ------
    RulesError
        If the rules cannot be read.
    """
    return _parse(text, file, None, 0)


def _is_shipped_name(name: str) -> bool:
    """Return whether a text has the form of the name of a shipped rule set."""
    return bool(re.fullmatch(r"[A-Za-z0-9_-]+", name)) and not _is_file(Path(name))


def _is_file(path: Path) -> bool:
    """Return whether a path is that of a file; a path that is too long is not."""
    try:
        return path.is_file()
    except OSError:
        return False


def _explain_unknown(name: str) -> str:
    """Return what is expected instead of a name that no shipped rule set has."""
    known = ", ".join(list_shipped_rules())
    similar = get_close_matches(name, list_shipped_rules(), 1)
    hint = f"; did you mean {similar[0]}?" if similar else ""
    return f"a shipped rule set ({known}) or the path of a file{hint}"


def _check_shipped(extends: YamlNode, folder: Path | None) -> None:
    """Raise an error at ``extends`` if it names neither a shipped rule set nor a file."""
    name = extends.as_text()
    if _is_shipped_name(name):
        if name not in list_shipped_rules():
            raise extends.make_error(_explain_unknown(name))
    elif not _is_file((folder / name) if folder else Path(name)):
        raise extends.make_error("the path of a rules file that exists, for extends")


def _load(name: str, folder: Path | None, depth: int) -> RuleSet:
    """Load a shipped rule set or a file; a relative path starts at the extending file."""
    if _is_shipped_name(name):
        if name not in list_shipped_rules():
            raise RulesError(name, 1, _explain_unknown(name))
        resource = importlib.resources.files("conf") / "rules" / f"{name}.yaml"
        return _parse(resource.read_text(encoding="utf-8"), f"{name}.yaml", None, depth)
    path = (folder / name) if folder else Path(name)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        expected = "a file in UTF-8; save it with this encoding"
        raise RulesError(str(path), line, expected, column) from None
    except OSError as error:
        raise RulesError(str(path), 1, f"a readable file ({type(error).__name__})") from None
    return _parse(text, str(path), path.parent, depth)


def _parse(text: str, file: str, folder: Path | None, depth: int) -> RuleSet:
    """Parse a rules file on top of the rule set that it extends."""
    document = parse_document(text, file).as_mapping(DOCUMENT_KEYS)
    name = document.require("name").as_text()
    base = _load_base(document, name, folder, depth)
    rules = replace(base, name=name, version=document.require("version").as_text())
    if node := document.get("description"):
        rules = replace(rules, description=node.as_text().strip())
    if node := document.get("options"):
        rules = replace(rules, options=frozenset(parse_option(one) for one in node.as_list()))
    if node := document.get("default"):
        rules = replace(rules, default=node.as_choice(UNDEFINED_ACTIONS))
    if node := document.get("lookups"):
        lookups = {table.name: table for table in base.lookups}
        lookups.update({table.name: table for table in parse_lookups(node, folder)})
        rules = replace(rules, lookups=tuple(lookups.values()))
    tables = [table.name for table in rules.lookups]
    if node := document.get("add"):
        added = [
            parse_addition(one, name, index, tables) for index, one in enumerate(node.as_list())
        ]
        rules = replace(rules, additions=(*added, *base.additions))
    if node := document.get("elements"):
        own = [
            entry
            for index, one in enumerate(node.as_list())
            for entry in parse_entry(one, name, index, tables)
        ]
        rules = replace(rules, elements=(*own, *base.elements))
    if node := document.get("encrypt"):
        rules = replace(rules, encryption=parse_encryption(node, folder))
    if node := document.get("filters"):
        filters = (*(parse_filter(one) for one in node.as_list()), *base.filters)
        rules = replace(rules, filters=filters)
    return mask_dates_in_text(apply_settings(document, _mark_keeping_lookups(rules)))


def _mark_keeping_lookups(rules: RuleSet) -> RuleSet:
    """Return rules whose lookups know whether their table keeps the values that it lacks."""
    keeping = {table.name for table in rules.lookups if table.missing == "keep"}
    elements = tuple(
        replace(entry, parameters=replace(parameters, keeps_missing=parameters.table in keeping))
        if (parameters := entry.parameters) is not None and parameters.table
        else entry
        for entry in rules.elements
    )
    return replace(rules, elements=elements)


def _load_base(document: YamlMapping, name: str, folder: Path | None, depth: int) -> RuleSet:
    """Return the rule set that a rules file extends, or an empty one for a profile."""
    base = RuleSet(name, "")
    extends = document.get("extends")
    if extends:
        if depth >= _MAX_EXTENDS_DEPTH:
            raise extends.make_error(
                f"at most {_MAX_EXTENDS_DEPTH} rule sets that extend one another"
            )
        _check_shipped(extends, folder)
        base = _load(extends.as_text(), folder, depth + 1)
    if profile := document.get("profile"):
        profile.as_choice(("basic",))
    elif not extends:
        raise document.node.make_error("profile: basic, or extends: the rule set to start from")
    return base
