from __future__ import annotations

import os

import pyarrow as pa

from jobs.common.delta.key_digests import DIGEST_BYTES, digest_keys, split_digests

HMAC = os.urandom(32).hex()
KEY = ("kind", "hmac")


def make_rows(kinds: list[str | None], hmacs: list[str | None]) -> pa.Table:
    return pa.table({"kind": pa.array(kinds, pa.string()), "hmac": pa.array(hmacs, pa.string())})


def test_equal_keys_have_equal_digests_and_others_do_not() -> None:
    rows = make_rows(["a", "b", "a", None, "", "a"], [HMAC, HMAC, HMAC[::-1], HMAC, HMAC, HMAC])
    digests = split_digests(digest_keys(rows, KEY)).tolist()
    assert digests[0] == digests[5] and len(set(digests)) == 5


def test_a_digest_does_not_depend_on_the_other_rows() -> None:
    values = [HMAC, "short", None, "g" * 64, " " * 2 + HMAC[2:], "é" * 64, "é" * 32]
    together = digest_keys(make_rows(["k"] * len(values), [*values]), KEY)
    alone = [digest_keys(make_rows(["k"], [value]), KEY) for value in values]
    assert b"".join(alone) == together and len(set(alone)) == len(values)


def test_a_digest_does_not_depend_on_chunks_slices_and_dictionaries() -> None:
    rows = make_rows(["a", "b", "c", "d"], [os.urandom(32).hex() for _ in range(4)])
    expected = digest_keys(rows, KEY)
    chunked = pa.concat_tables([rows.slice(0, 1), rows.slice(1)])
    encoded = pa.table([column.dictionary_encode() for column in rows.columns], KEY)
    assert digest_keys(chunked, KEY) == digest_keys(encoded, KEY) == expected
    assert digest_keys(rows.slice(2, 1), KEY) == expected[2 * DIGEST_BYTES : 3 * DIGEST_BYTES]


def test_uids_have_the_same_digest_alone_and_among_others() -> None:
    numbers = [0, 7, 2**127 + 5, 2**128 - 1, 2**128, 10**39 - 1]
    uids = [f"2.25.{number}" for number in numbers]
    odd = ["2.25.007", "2.25.", "1.2.3", f"2.25.{10**39}", "2.25.7\n", "2.25.\u0667"]
    for values in (uids[:4], uids, uids[3:], uids + odd):
        together = digest_keys(make_rows(["k"] * len(values), [*values]), KEY)
        alone = [digest_keys(make_rows(["k"], [value]), KEY) for value in values]
        assert b"".join(alone) == together and len(set(alone)) == len(values)


def test_the_columns_of_a_key_are_not_interchangeable() -> None:
    one, other = make_rows(["a"], ["b"]), make_rows(["b"], ["a"])
    assert digest_keys(one, KEY) != digest_keys(other, KEY)


def test_no_rows_have_no_digests() -> None:
    assert digest_keys(make_rows([], []), KEY) == b""
