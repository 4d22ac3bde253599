"""Tables keep their codes when they grow, and optimal ones are prefix codes without all ones."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from safelight.pixels.codecs.jpeg.huffman import HuffmanTable, build_optimal_table, read_tables

COUNTS = st.dictionaries(st.integers(0, 255), st.integers(1, 10**6), min_size=1, max_size=256)
#: As Fibonacci grows, so do the codes: far beyond 16 bits without the limit.
FIBONACCI = [1, 1]
while len(FIBONACCI) < 40:
    FIBONACCI.append(FIBONACCI[-1] + FIBONACCI[-2])


def is_prefix_code(table: HuffmanTable) -> bool:
    codes = sorted(table.codes.values())
    return all(not b.startswith(a) for a, b in zip(codes, codes[1:]))


@given(COUNTS)
def test_optimal_tables(counts: dict[int, int]) -> None:
    table = build_optimal_table(counts)
    assert set(table.codes) == set(counts)
    assert is_prefix_code(table)
    assert all(len(code) <= 16 and "0" in code for code in table.codes.values())
    lengths = {symbol: len(code) for symbol, code in table.codes.items()}
    for symbol, count in counts.items():
        shorter = [other for other in counts if lengths[other] < lengths[symbol]]
        assert all(count <= counts[other] for other in shorter)


def test_long_codes_are_cut_to_sixteen_bits() -> None:
    table = build_optimal_table(dict(enumerate(FIBONACCI)))
    assert max(map(len, table.codes.values())) == 16
    assert is_prefix_code(table) and len(table.codes) == 40


@given(COUNTS, st.sets(st.integers(0, 255), max_size=20))
def test_growing_leaves_all_codes_as_they_are(counts: dict[int, int], needed: set[int]) -> None:
    table = build_optimal_table(counts)
    grown = table.with_symbols(needed)
    if grown is None:  # no room
        assert any(len(code) > 8 for code in table.codes.values())
        return
    assert {symbol: grown.codes[symbol] for symbol in table.codes} == table.codes
    assert needed <= set(grown.codes)
    assert is_prefix_code(grown) and all("0" in code for code in grown.codes.values())


@given(COUNTS)
def test_a_table_is_read_as_it_was_written(counts: dict[int, int]) -> None:
    table = build_optimal_table(counts)
    assert read_tables(table.segment(1, 2)[4:]) == {(1, 2): table}


@given(COUNTS)
def test_lookups_find_each_code(counts: dict[int, int]) -> None:
    table = build_optimal_table(counts)
    for symbol, code in list(table.codes.items())[:9]:
        entry = table.symbol_lookup[int(code.ljust(16, "1"), 2)]
        assert (entry >> 8, entry & 255) == (len(code), symbol)
