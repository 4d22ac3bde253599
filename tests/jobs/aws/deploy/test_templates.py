"""Read templates with intrinsic functions in their short form."""

from __future__ import annotations

from jobs.aws.deploy.templates import list_nested, list_templates, parse, read_template


def test_short_forms_become_long_forms() -> None:
    text = "{a: !Ref X, b: !GetAtt X.Outputs.Y, c: !Sub [t, {u: !Ref Z}], d: !Equals [1, 2]}"
    parsed = parse(text)
    assert parsed == {
        "a": {"Ref": "X"},
        "b": {"Fn::GetAtt": ["X", "Outputs.Y"]},
        "c": {"Fn::Sub": ["t", {"u": {"Ref": "Z"}}]},
        "d": {"Fn::Equals": [1, 2]},
    }


def test_the_root_template_nests_templates_that_exist() -> None:
    nested = list_nested(read_template("main.yaml"))
    assert set(nested.values()) <= set(list_templates())
    assert {"Storage", "Network", "Compute", "Access", "Trigger", "Schedule"} <= nested.keys()
