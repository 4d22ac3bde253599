"""Settings for pixels and for free text."""

import pickle

import pytest

from safelight.rules.policies import TextPolicy


def test_a_text_policy_can_be_pickled():
    policy = TextPolicy({"NAME": "token"}, "off")
    assert pickle.loads(pickle.dumps(policy)) == policy


def test_entities_cannot_be_changed():
    with pytest.raises(TypeError):
        TextPolicy().entities["NAME"] = "keep"
