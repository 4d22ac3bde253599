"""What to do with each element: the organisation's rules over the profile of PS3.15."""

from safelight.rules.compiled_rules import CompiledLevel, CompiledRules
from safelight.rules.conditions import Filter
from safelight.rules.loader import load_rules, parse_rules, shipped_rules
from safelight.rules.model import RuleSet
from safelight.rules.operations import AttributeRule, Operation, Recheck
from safelight.rules.parsing.yaml_node import RulesError
from safelight.rules.policies import PixelPolicy, TextPolicy

__all__ = [
    "Recheck",
    "Filter",
    "CompiledLevel",
    "Operation",
    "PixelPolicy",
    "CompiledRules",
    "AttributeRule",
    "RuleSet",
    "RulesError",
    "TextPolicy",
    "load_rules",
    "parse_rules",
    "shipped_rules",
]
