"""Operations and attribute rules."""

import pickle

from safelight.rules.operations import AttributeRule, Operation, Recheck


def test_a_rule_removes_text_that_cannot_be_cleaned_by_default():
    rule = AttributeRule(Operation.CLEAN, "mine elements[0]")
    assert (rule.fallback, rule.recheck) == (Operation.REMOVE, Recheck.ALL)


def test_a_rule_can_be_pickled():
    rule = AttributeRule(Operation.LITERAL, "mine elements[0]", "SCANNER")
    assert pickle.loads(pickle.dumps(rule)) == rule
