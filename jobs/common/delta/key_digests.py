"""Digest the key of each row to 16 bytes, so that sets of keys are small and fast to search."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

#: Bytes of a digest. Two of 5 million different keys share one with a probability of 1 in 10^25.
DIGEST_BYTES = 16

#: Hexadecimal digits of an HMAC-SHA256, which most keys contain.
_HMAC_DIGITS = 64

_UID_PREFIX = "2.25."
_UUID_UID = re.compile(r"2\.25\.(?:0|[1-9][0-9]{0,38})")

Digests = npt.NDArray[np.uint8]


def digest_keys(rows: pa.Table, columns: Sequence[str]) -> bytes:
    """Return the concatenated digests of the keys of all rows, in their order.

    The digest of a key is the exclusive or of the digests of its values. An HMAC-SHA256 in
    hexadecimal and a UUID-derived UID (PS3.5, section B.2) are evenly distributed already, so
    their first 16 bytes are their digest. Any other value is hashed together with the number of
    its column; these columns have few distinct values, and each is hashed once.

    Parameters
    ----------
    rows : pyarrow.Table
        Rows with the columns of the key.
    columns : sequence of str
        Names of the string columns of the key, in a fixed order.

    Returns
    -------
    bytes
        ``DIGEST_BYTES`` bytes per row.
    """
    digests = np.zeros((len(rows), DIGEST_BYTES), np.uint8)
    for number, name in enumerate(columns):
        digests ^= _digest_column(rows[name], number)
    return digests.tobytes()


def split_digests(digests: bytes) -> npt.NDArray[np.bytes_]:
    """Return concatenated digests as an array of one element per digest."""
    return np.frombuffer(digests, f"S{DIGEST_BYTES}")


def _digest_column(column: pa.ChunkedArray, number: int) -> Digests:
    if pa.types.is_dictionary(column.type):
        parts = [_digest_dictionary(chunk, number) for chunk in column.chunks]
    else:
        parts = [_digest_values(chunk, number) for chunk in column.chunks]
    return np.concatenate(parts) if parts else np.zeros((0, DIGEST_BYTES), np.uint8)


def _digest_values(values: pa.Array, number: int) -> Digests:
    digests = _parse_hmacs(values)
    return _digest_mixed(values.cast(pa.string()), number) if digests is None else digests


def _digest_mixed(values: pa.StringArray, number: int) -> Digests:
    """Return the digests of values of which some may be UUID-derived UIDs."""
    is_uid = pc.match_substring_regex(values, f"^(?:{_UUID_UID.pattern})$").fill_null(False)
    parsed = _parse_uids(values.filter(is_uid))
    if parsed is None:
        return _digest_dictionary(values.dictionary_encode(), number)
    mask = is_uid.to_numpy(zero_copy_only=False)
    digests = np.empty((len(values), DIGEST_BYTES), np.uint8)
    digests[mask] = parsed
    others = values.filter(pc.invert(is_uid))
    digests[~mask] = _digest_dictionary(others.dictionary_encode(), number)
    return digests


def _digest_dictionary(values: pa.DictionaryArray, number: int) -> Digests:
    distinct = [_digest_value(value, number) for value in values.dictionary.to_pylist()]
    table = np.frombuffer(b"".join((*distinct, _digest_value(None, number))), np.uint8)
    indices = values.indices.fill_null(len(distinct)).to_numpy(zero_copy_only=False)
    digests: Digests = table.reshape(-1, DIGEST_BYTES)[indices]
    return digests


def _digest_value(value: str | None, number: int) -> bytes:
    if value is not None and len(value) == _HMAC_DIGITS:
        parsed = _parse_hex(value)
        if len(parsed) == _HMAC_DIGITS // 2:
            return parsed[:DIGEST_BYTES]
    if value is not None and _UUID_UID.fullmatch(value):
        uuid = int(value[len(_UID_PREFIX) :])
        if uuid < 2 ** (8 * DIGEST_BYTES):
            return uuid.to_bytes(DIGEST_BYTES, "little")
    salt = number.to_bytes(2, "big")
    person = b"" if value is None else b"value"
    data = (value or "").encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=DIGEST_BYTES, salt=salt, person=person).digest()


def _parse_hmacs(values: pa.Array) -> Digests | None:
    """Return the digests of values that are all HMACs in hexadecimal, else ``None``."""
    values = values.cast(pa.string())
    if values.null_count or not len(values):
        return None
    lengths = pc.min_max(pc.binary_length(values))
    if lengths["min"].as_py() != _HMAC_DIGITS or lengths["max"].as_py() != _HMAC_DIGITS:
        return None
    offsets = np.frombuffer(values.buffers()[1], np.int32)[values.offset :]
    begin = int(offsets[0])
    text = memoryview(values.buffers()[2])[begin : begin + _HMAC_DIGITS * len(values)]
    parsed = _parse_hex(bytes(text).decode("latin-1"))
    if len(parsed) != _HMAC_DIGITS // 2 * len(values):
        return None
    return np.frombuffer(parsed, np.uint8).reshape(len(values), -1)[:, :DIGEST_BYTES]


def _parse_uids(values: pa.StringArray) -> Digests | None:
    """Return the digests of UUID-derived UIDs; ``None`` if a number has more than 128 bits."""
    if not len(values):
        return None
    numbers = pc.utf8_slice_codeunits(values, len(_UID_PREFIX)).cast(pa.decimal256(39, 0))
    integers = np.frombuffer(numbers.buffers()[1], np.uint8).reshape(-1, 32)[numbers.offset :]
    integers = integers[: len(values)]
    if integers[:, DIGEST_BYTES:].any():
        return None
    return integers[:, :DIGEST_BYTES]


def _parse_hex(text: str) -> bytes:
    """Return the bytes of hexadecimal digits; none or too few if the text has other characters."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""
