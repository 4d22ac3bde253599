"""Matrix of attributes and options."""

import csv
import io
from functools import lru_cache

from safelight.rules import load_rules, parse_rules
from safelight.rules.option_matrix import make_option_matrix
from safelight.standard.confidentiality import load_table
from safelight.standard.options import Option


@lru_cache(maxsize=1)
def research():
    return list(csv.DictReader(io.StringIO(make_option_matrix(load_rules("research")))))


def find(rows, tag):
    return next(row for row in rows if row["tag"] == tag)


def test_every_attribute_of_the_table_has_every_option():
    assert {row["tag"].lower() for row in research()} >= {
        f"({tag[:4]},{tag[4:]})".lower() for tag in load_table()
    }
    for option in Option:
        assert all(row[f"{option.code} {option.value}"] for row in research())


def test_a_cell_has_the_effective_operation():
    date = find(research(), "(0008,0022)")
    assert date["113100"].startswith("remove")
    assert date["113106 retain_long_full_dates"] == "keep"
    assert date["113107 retain_long_modified_dates"] == "shift"
    assert date["rules research"] == "shift"
    assert date["source"] == "E.1-1 retain_long_modified_dates C"
    assert find(research(), "(0010,0010)")["113100"] == "name"


def test_an_option_changes_only_the_attributes_that_it_names():
    named = {tag for tag, row in load_table().items() if Option.RETAIN_UIDS in row.options}
    changed = {
        row["tag"].strip("()").replace(",", "").lower()
        for row in research()
        if row["113110 retain_uids"] != row["113100"]
    }
    assert changed <= {tag.lower() for tag in named} and len(changed) > 30


def test_attributes_that_the_rules_name_are_added():
    text = "name: m\nversion: 1\nprofile: basic\nelements:\n- {tag: KVP, action: round, to: 10}\n"
    row = find(
        csv.DictReader(io.StringIO(make_option_matrix(parse_rules(text, "m")))), "(0018,0060)"
    )
    assert row["rules m"] == "round step 10.0" and row["113100"] == "keep"
