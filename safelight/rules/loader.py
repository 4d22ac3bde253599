"""Read a rules file into a rule set."""

from __future__ import annotations

import importlib.resources
import re
from dataclasses import replace
from pathlib import Path

from safelight.rules.model import DEFAULTS, RuleSet
from safelight.rules.parsing.elements import read_element, read_option
from safelight.rules.parsing.filters import read_filter
from safelight.rules.parsing.settings import read_settings
from safelight.rules.parsing.yaml_node import RulesError, read_document

_KEYS = (
    "name", "version", "description", "extends", "profile", "options", "default", "elements",
    "filters", "dates", "ids", "names", "pixels", "text",
)  # fmt: skip
_MAXIMUM_EXTENDS = 5


def shipped_rules() -> tuple[str, ...]:
    """Names of the rule sets that come with the software."""
    folder = importlib.resources.files("conf") / "rules"
    return tuple(sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".yaml")))


def load_rules(source: str | Path | RuleSet) -> RuleSet:
    """The rule set of a shipped name, a file or the text of one.

    Parameters
    ----------
    source : str, Path or RuleSet
        ``basic``, ``research``; the path of a YAML file; or its text, which has several lines.

    Raises
    ------
    RulesError
        Naming file, line and what was expected.
    """
    if isinstance(source, RuleSet):
        return source
    if isinstance(source, str) and "\n" in source:
        return parse_rules(source, "rules")
    return _load(str(source), None, 0)


def parse_rules(text: str, file: str) -> RuleSet:
    """The rule set in a text; ``file`` is named in errors."""
    return _parse(text, file, None, 0)


def _load(name: str, beside: Path | None, depth: int) -> RuleSet:
    if re.fullmatch(r"[A-Za-z0-9_-]+", name) and not Path(name).is_file():
        if name not in shipped_rules():
            known = ", ".join(shipped_rules())
            raise RulesError(name, 1, f"a shipped rule set ({known}) or the path of a file")
        resource = importlib.resources.files("conf") / "rules" / f"{name}.yaml"
        return _parse(resource.read_text(encoding="utf-8"), f"{name}.yaml", None, depth)
    path = (beside / name) if beside else Path(name)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RulesError(str(path), 1, f"a readable UTF-8 file ({type(error).__name__})") from None
    return _parse(text, str(path), path.parent, depth)


def _parse(text: str, file: str, folder: Path | None, depth: int) -> RuleSet:
    section = read_document(text, file).section(_KEYS)
    name = section.need("name").text()
    base = RuleSet(name, "")
    if extends := section.get("extends"):
        if depth >= _MAXIMUM_EXTENDS:
            raise extends.error(f"at most {_MAXIMUM_EXTENDS} rule sets that extend one another")
        base = _load(extends.text(), folder, depth + 1)
    if profile := section.get("profile"):
        profile.one_of(("basic",))
    elif not extends:
        raise section.value.error("profile: basic, or extends: the rule set to start from")
    rules = replace(base, name=name, version=section.need("version").text())
    if value := section.get("description"):
        rules = replace(rules, description=value.text().strip())
    if value := section.get("options"):
        rules = replace(rules, options=frozenset(read_option(one) for one in value.items()))
    if value := section.get("default"):
        rules = replace(rules, default=value.one_of(DEFAULTS))
    if value := section.get("elements"):
        own = [rule for i, one in enumerate(value.items()) for rule in read_element(one, name, i)]
        rules = replace(rules, elements=(*own, *base.elements))
    if value := section.get("filters"):
        rules = replace(
            rules, filters=(*(read_filter(one) for one in value.items()), *base.filters)
        )
    return read_settings(section, rules)
