"""Rule sets: an organisation's rules on top of the Basic Profile of DICOM PS3.15.

`load_rules` reads a rules file into a `RuleSet`. `CompiledRules` makes of it one `AttributeRule`
for each attribute at each place of an IOD. `lint` and `describe` check and explain a rule set;
`importers` converts the rules of other tools.
"""

from safelight.rules.compiled_rules import CompiledLevel, CompiledRules
from safelight.rules.conditions import Filter
from safelight.rules.loader import list_shipped_rules, load_rules, parse_rules
from safelight.rules.model import RuleSet
from safelight.rules.operations import AttributeRule, Operation, Recheck
from safelight.rules.parsing.yaml_node import RulesError
from safelight.rules.policies import PixelPolicy, TextPolicy

__all__ = [
    "AttributeRule",
    "CompiledLevel",
    "CompiledRules",
    "Filter",
    "Operation",
    "PixelPolicy",
    "Recheck",
    "RuleSet",
    "RulesError",
    "TextPolicy",
    "list_shipped_rules",
    "load_rules",
    "parse_rules",
]
