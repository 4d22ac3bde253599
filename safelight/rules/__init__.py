"""What to do with each element: the organisation's rules over the profile of PS3.15."""

from safelight.rules.conditions import Filter
from safelight.rules.load import load_rules, parse_rules, shipped_rules
from safelight.rules.model import RuleSet
from safelight.rules.operations import Doubt, Op, Rule
from safelight.rules.plan import Level, Plan
from safelight.rules.policies import PixelPolicy, TextPolicy
from safelight.rules.yaml_node import RulesError

__all__ = [
    "Doubt",
    "Filter",
    "Level",
    "Op",
    "PixelPolicy",
    "Plan",
    "Rule",
    "RuleSet",
    "RulesError",
    "TextPolicy",
    "load_rules",
    "parse_rules",
    "shipped_rules",
]
