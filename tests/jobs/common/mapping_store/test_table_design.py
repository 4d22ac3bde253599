from __future__ import annotations

import subprocess
import sys
from copy import deepcopy

import pytest

from jobs.common.mapping_store.table_design import (
    ATTRIBUTE_DEFINITIONS,
    GLOBAL_SECONDARY_INDEXES,
    has_design,
    make_create_request,
)


def test_every_key_attribute_is_defined() -> None:
    request = make_create_request("t")
    schemas = [request["KeySchema"], *(i["KeySchema"] for i in GLOBAL_SECONDARY_INDEXES)]
    keys = {element["AttributeName"] for schema in schemas for element in schema}
    assert keys == {definition["AttributeName"] for definition in ATTRIBUTE_DEFINITIONS}


def test_the_request_has_the_design() -> None:
    assert has_design(make_create_request("t"))


@pytest.mark.parametrize("change", ["sort key", "index", "key of an index", "type"])
def test_a_table_of_another_design_is_recognized(change: str) -> None:
    table = deepcopy(make_create_request("t"))
    if change == "sort key":
        del table["KeySchema"][1]
    elif change == "index":
        del table["GlobalSecondaryIndexes"][0]
    elif change == "key of an index":
        table["GlobalSecondaryIndexes"][0]["KeySchema"][0]["AttributeName"] = "pair"
    else:
        table["AttributeDefinitions"][0]["AttributeType"] = "B"
    assert not has_design(table)


def test_the_design_needs_the_standard_library_only() -> None:
    program = (
        "import sys; import jobs.common.mapping_store.table_design; "
        "print(sorted({'boto3', 'pyarrow', 'pyspark', 'pydicom'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.PIPE)
    assert done.stdout == b"[]\n"
