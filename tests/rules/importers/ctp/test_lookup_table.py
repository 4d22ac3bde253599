"""Lookup tables of the CTP anonymizer."""

import pytest

from safelight.rules.importers.ctp.lookup_table import read_lookup_table, write_rows


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("ptid/1234=S-001\nptid/5 = S-002", {"ptid": {"1234": "S-001", "5": "S-002"}}),
        ("ptid/A\\ B\\:C=x=y", {"ptid": {"A B:C": "x=y"}}),
        ("site/2024/01=North", {"site": {"2024/01": "North"}}),
        ("# ptid/1=2\n! ptid/1=2\n\nwithout type=1\nno separator", {}),
        ("ptid/1=a \\\n  b", {"ptid": {"1": "a b"}}),
    ],
)
def test_a_table_is_read_by_the_type_of_the_key(text, types):
    assert read_lookup_table(text) == types


def test_rows_are_written_as_csv():
    assert write_rows({"a,b": "S"}) == 'key,value\n"a,b",S\n'
