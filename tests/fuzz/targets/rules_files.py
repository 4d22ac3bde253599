"""Rules files: an error with its place, or a rule set that can be linted and described."""

from __future__ import annotations

from pathlib import Path

from safelight.rules import parse_rules
from safelight.rules.compiled_rules import CompiledRules
from safelight.rules.describe import describe
from safelight.rules.lint import lint
from safelight.rules.parsing.yaml_node import RulesError

_FILES = Path("conf/rules")
_CT = "1.2.840.10008.5.1.4.1.1.2"


def seeds() -> list[bytes]:
    """Return the shipped rules and examples."""
    return [path.read_bytes() for path in sorted(_FILES.rglob("*.yaml"))]


def run(data: bytes) -> None:
    """Parse, compile, lint and describe a rules file."""
    text = data.decode("utf-8", "replace")
    try:
        rules = parse_rules(text, "fuzz.yaml")
    except RulesError as error:
        assert str(error)
        return
    level = CompiledRules(rules).get_root_level(_CT)
    for tag in (0x00100010, 0x00080020, 0x00081140, 0x7FE00010):
        assert level.rules[tag].source
    lint(rules)
    assert describe(rules)
