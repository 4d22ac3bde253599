"""Rule sets."""

import pickle

from safelight.rules import load_rules, parse_rules
from safelight.standard.options import Option

HEAD = "name: mine\nversion: '1'\nprofile: basic\n"


def compute_hash(body):
    return parse_rules(HEAD + body, "a").hash


def test_method_codes_start_with_the_basic_profile():
    rules = parse_rules(HEAD + "options: [113109, clean_descriptors]", "a")
    assert rules.get_method_codes() == ("113100", "113105", "113109")
    assert rules.options == {Option.RETAIN_DEVICE_IDENTITY, Option.CLEAN_DESCRIPTORS}


def test_the_hash_survives_pickling():
    rules = load_rules("research")
    assert pickle.loads(pickle.dumps(rules)).hash == rules.hash


def test_the_hash_covers_exactly_what_determines_the_output():
    same = compute_hash("")
    assert same == compute_hash("description: other words\n") == compute_hash("default: profile\n")
    changed = {
        compute_hash(body)
        for body in (
            "default: keep",
            "default: remove",
            "dates: {precision: month}",
            "dummies: {LO: A}",
            "lookups: {a: {uri: a.csv, key: b}}",
            "add: [{tag: ClinicalTrialProtocolID, value: A}]",
            "elements: [{tag: Rows, action: X, when: {Rows: {present: true}}}]",
            "elements: [{tag: 'R*', action: X, except: Rows}]",
            "elements: [{tag: Rows, action: round, to: 5}]",
            "elements: [{tag: Rows, action: round, to: 6}]",
            "options: [clean_descriptors]",
            "names: {style: surrogate}",
            "dates: {shift_days: [-5, -1]}",
            "ids: {prefix: A}",
            "ids: {issuer: false}",
            "pixels: {check: false}",
            "text: {entities: {NAME: keep}}",
            "text: {second_guess: off}",
            "text: {unsupported_language: clean}",
            "elements: [{tag: Rows, action: X}]",
            "elements: [{tag: Rows, action: Z}]",
            "filters: [{reject: {Modality: {equals: CT}}, reason: a}]",
            "filters: [{reject: {Modality: {contains: CT}}, reason: a}]",
            "filters: [{reject: {not: {Modality: {equals: CT}}}, reason: a}]",
            "filters: [{reject: {not: {Modality: {equals: {element: Rows}}}}, reason: a}]",
            "lookups: {a: {uri: a.csv, key: b}}\ndates: {lookup: {table: a, column: c}}",
            "elements: [{tag: KVP, action: perturb, by: 5}]",
            "elements: [{tag: KVP, action: perturb, by: 6}]",
            "elements: [{tag: KVP, action: perturb, percent: 5}]",
            "elements: [{tag: KVP, action: hash, length: 5}]",
            "elements: [{tag: KVP, action: hash, length: 5, prefix: A}]",
            "pixels: {denied_devices: read}",
        )
    }
    assert len(changed) == 32 and same not in changed


def test_reasons_of_elements_are_not_part_of_the_hash():
    with_reason = "elements: [{tag: Rows, action: X, reason: because}]"
    assert compute_hash(with_reason) == compute_hash("elements: [{tag: Rows, action: X}]")


def test_the_hash_does_not_depend_on_names_in_the_code(monkeypatch):
    """Hash of a rule set with filters, from before the classes were renamed."""
    monkeypatch.setattr("safelight.rules.model.get_data_version", lambda: "tables")
    body = (
        "filters:\n- accept: {Modality: {equals: US}}\n"
        "- quarantine: {any: [{Rows: {missing: true}}, {not: {Columns: {present: true}}}]}\n"
        "  reason: no picture\n"
        "pixels: {decision: all}\ntext: {entities: {ZIP: keep}}\n"
    )
    assert compute_hash(body) == "387d8ea47c28787f9396143f17c4dc51ec02d473be719f94fef381dce123c2dc"
