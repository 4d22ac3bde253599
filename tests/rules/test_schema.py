"""JSON Schema of rules files: it decides as the parser does."""

import copy
import importlib.resources
import re
from functools import lru_cache
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from safelight.rules import RulesError, list_shipped_rules, parse_rules
from safelight.rules.loader import DOCUMENT_KEYS
from safelight.rules.parsing.elements import ACTIONS, parse_option
from safelight.rules.parsing.yaml_node import parse_document
from safelight.rules.schema import KEY_DESCRIPTIONS, make_json_schema

FOLDER = Path(str(importlib.resources.files("conf"))) / "rules"
README = (FOLDER / "README.md").read_text(encoding="utf-8")
EXAMPLE = re.search(r"```yaml\n(.*?)```", README, re.DOTALL)[1]
FILES = sorted(FOLDER.rglob("*.yaml"))
HEAD = {"name": "mine", "version": "1", "profile": "basic"}
#: Parts that only the parser can decide.
UNDECIDED = ("tag", "except", "match", "root", "value", "uri", "extends", "table", "DA")


class KeywordList(list):
    """List with fast membership, because the validator compares item by item."""

    def __init__(self, words):
        super().__init__(words)
        self.known = frozenset(words)

    def __contains__(self, word):
        return word in self.known


@lru_cache(maxsize=1)
def validator():
    schema = make_json_schema()
    Draft202012Validator.check_schema(schema)
    selector = schema["$defs"]["selector"]["anyOf"][0]
    selector["enum"] = KeywordList(selector["enum"])
    return Draft202012Validator(schema)


def accepts(document):
    return validator().is_valid(document)


def parses(document):
    try:
        parse_rules(yaml.safe_dump(document, sort_keys=False), "rules")
    except RulesError:
        return False
    return True


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_shipped_rules_validate(path):
    assert not list(validator().iter_errors(yaml.safe_load(path.read_text(encoding="utf-8"))))


def test_the_reference_example_validates():
    assert not list(validator().iter_errors(yaml.safe_load(EXAMPLE)))
    assert len(FILES) >= len(list_shipped_rules()) > 1


def test_every_key_has_a_schema():
    properties = make_json_schema()["properties"]
    assert (
        tuple(properties)
        == DOCUMENT_KEYS
        == tuple(sorted(KEY_DESCRIPTIONS, key=DOCUMENT_KEYS.index))
    )
    assert all(len(schema) > 1 for schema in properties.values())
    assert all(properties["pixels"]["properties"].values())
    entry = properties["elements"]["items"]
    for one in entry["allOf"]:
        assert {} not in one["then"].get("properties", {}).values()


def test_every_spelling_of_an_option_can_be_parsed():
    for spelling in make_json_schema()["properties"]["options"]["items"]["enum"]:
        parse_option(parse_document(str(spelling), "rules"))


PARAMETERS = {
    "literal": {"value": "A"}, "generalise": {"to": "year"}, "round": {"to": 5},
    "truncate": {"length": 3}, "regex": {"pattern": "a+", "replace": "b"}, "hash": {"length": 8},
    "perturb": {"by": [-5, 5]},
    "lookup": {"table": "t", "column": "c"}, "text": {"value": "{Modality}"},
}  # fmt: skip
TABLES = {"lookups": {"t": {"uri": "t.csv", "key": "k"}}}


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("given", [None, *PARAMETERS])
def test_parameters_belong_to_their_actions(action, given):
    entry = {"tag": "StudyDescription", "action": action, "reason": "r"}
    document = {**HEAD, **TABLES, "elements": [{**entry, **PARAMETERS.get(given, {})}]}
    assert accepts(document) == parses(document)


@pytest.mark.parametrize("content", [None, "value", "item", "both"])
@pytest.mark.parametrize("tag", ["AnatomicRegionSequence", "AnatomicRegionSequence/CodeValue"])
@pytest.mark.parametrize("mode", [None, "always", "append"])
def test_the_schema_accepts_items_that_are_added(content, tag, mode):
    code = {"CodeValue": "{Modality}", "PurposeOfReferenceCodeSequence": {"CodeValue": 1}}
    both = {"value": "a", "item": code}
    entry = {"tag": tag, **(both if content == "both" else {})}
    if content in both:
        entry[content] = both[content]
    if mode:
        entry[mode] = True
    document = {**HEAD, "add": [entry]}
    if parses(document):
        assert accepts(document)
    if content in (None, "both") or (content, mode) == ("value", "append"):
        assert not accepts(document)


@pytest.mark.parametrize(
    "part",
    [
        {"elements": [{"tag": "PatientNam", "action": "keep"}]},
        {"elements": [{"tag": "*/{PN}", "action": "keap"}]},
        {"elements": [{"tag": "{pn}", "action": "keep"}]},
        {"elements": [{"action": "keep"}]},
        {"elements": [{"tag": "PatientName", "action": "quarantine"}]},
        {"elements": [{"tag": "PatientAge", "action": "generalise", "to": "year", "width": 5}]},
        {"elements": [{"tag": "PatientAge", "action": "X", "when": {"this": {"above": 1}}}]},
        {"filters": [{"reject": {"Modality": {"equals": "CT"}}}]},
        {"filters": [{"accept": {"this": {"equals": "CT"}}}]},
        {"filters": [{"accept": {"Modality": {"missing": False}}}]},
        {"filters": [{"accept": {}}]},
        {"filters": [{"accept": {"Modality": {}, "Rows": {"present": True}}}]},
        {"add": [{"tag": "ClinicalTrialProtocolID"}]},
        {"pixels": {"decision": "some"}},
        {"pixels": {"proof_sampling": 2}},
        {"pixels": {"regions": [{"when": {"Rows": {"equals": 1}}}]}},
        {"pixels": {"regions": [{"mask": [[0, 0, 1, 1]]}]}},
        {"pixels": {"regions": [{"device": {"model": "A"}, "mask": [[0, 0, 1, 0]]}]}},
        {"pixels": {"regions": [{"device": {"model": "A"}, "keep": "ultrasound"}]}},
        {"text": {"entities": {"NAMES": "mask"}}},
        {"dates": {"shift_days": [1]}},
        {"ids": {"prefix": "a b"}},
        {"dummies": {"SQ": "x"}},
        {"default": "discard"},
        {"optons": []},
        {"options": ["clean_everything"]},
        {"profile": "complete"},
        {"version": None},
    ],
    ids=str,
)
def test_mistakes_fail(part):
    document = {**HEAD, **part}
    assert not parses(document) and not accepts(document)


def list_places(node, path=()):
    """Yield the path of each node of a document."""
    yield path
    inner = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    for key, value in inner:
        yield from list_places(value, (*path, key))


def mutate(document, path):
    """Yield copies of a document in which one node is changed."""
    for change in ("wrong", {}, "remove"):
        changed = copy.deepcopy(document)
        *outer, last = path
        parent = changed
        for key in outer:
            parent = parent[key]
        if change == "remove":
            del parent[last]
        else:
            parent[last] = change
        yield changed
        if isinstance(parent, dict) and change == "wrong":
            parent["unknown key"] = 1
            yield changed


def test_mutations_of_the_example_are_decided_as_the_parser_does():
    document = yaml.safe_load(EXAMPLE)
    document["profile"] = "basic"
    del document["extends"]
    decided = 0
    for path in list_places(document):
        if not path:
            continue
        for changed in mutate(document, path):
            # The schema decides on each key of the document alone; the other ones are valid.
            keys = {*HEAD, path[0], *(changed.keys() - document.keys())}
            is_accepted = accepts({key: changed[key] for key in keys & changed.keys()})
            decided += not is_accepted
            if is_accepted != parses(changed):
                assert is_accepted, ("only the schema refuses", path, changed)
                is_table = path[0] == "lookups" and len(path) <= 2  # a lookup may name it
                is_undecided = is_table or any(word in UNDECIDED for word in path)
                assert is_undecided, ("the schema allows", path)
    assert decided > 150
