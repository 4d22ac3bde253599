"""Compile an imported rules file for the tests of the importers."""

from safelight.rules import CompiledRules, parse_rules
from safelight.rules.importers import import_rules

CT = "1.2.840.10008.5.1.4.1.1.2"


def compile_import(text, kind=None):
    """Return rule set, top level for CT and remarks by line."""
    imported = import_rules(text, "their file.v1", kind)
    rules = parse_rules(imported.text, "imported")
    level = CompiledRules(rules).get_root_level(CT)
    remarks = {}
    for remark in imported.remarks:
        remarks[remark.line] = f"{remarks.get(remark.line, '')} {remark.text}".strip()
    return rules, level, remarks
