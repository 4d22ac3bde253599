r"""Write the mapping files that the validator of the MIDI-B challenge reads.

For example:
  safelight midi-b --tables tables/ --key file:key.hex --reason "MIDI-B validation" --output check/

`uid_mapping.csv` has each UID that was replaced and its pseudonym, `patid_mapping.csv` each Patient
ID. Both have the columns id_old and id_new, and can be given as uid_mapping_file and
patid_mapping_file to the validation script of the challenge. They hold originals: only their owner
can read them, and the access is recorded as that of `reidentify`, before they are written. Delete
them after the validation. docs/midi-b.md describes the steps. Spark is not started.

exit codes: 0 done, 1 the mapping cannot be read, or nothing was written because the record failed,
2 an argument is wrong, 3 an identifier has more than one pseudonym: the validator uses the first.
The last line on stdout is one JSON object with the counts.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from jobs.common.delta.rows import MappingRow
    from jobs.common.run.original_access import Access
    from jobs.common.secrets.key_material import KeyMaterial
    from jobs.common.storage.location import Location
    from safelight.pseudonyms import Pseudonyms

#: Kinds of pairs of each file; the pairs of all UIDs are needed, because references are checked.
_KINDS_BY_FILE = {
    "uid_mapping.csv": ("study_uid", "series_uid", "sop_uid", "uid"),
    "patid_mapping.csv": ("patient_id",),
}


class IdentifierPair(NamedTuple):
    """An original identifier and its pseudonym. HOLDS PHI."""

    original: str
    pseudonym: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    from jobs.common.cli import arguments

    arguments.add_tables(parser)
    arguments.add_mapping_store(parser)
    arguments.add_key(parser)
    parser.add_argument("--reason", required=True, help="reason for the access, which is recorded")
    parser.add_argument(
        "--output",
        required=True,
        metavar="FOLDER",
        help="local folder for the two files; others must not be able to read it",
    )
    parser.add_argument("--lease", metavar="TABLE", help="DynamoDB table for the lease on S3")
    arguments.add_endpoint(parser)
    arguments.add_log(parser)


def run(given: argparse.Namespace) -> int:
    """Read the pairs, record the access and write the files."""
    from jobs.common.access_log.log import open_log
    from jobs.common.cli.errors import UsageError
    from jobs.common.cli.exit_codes import ExitCode
    from jobs.common.delta.tables.table_set import Tables
    from jobs.common.run.original_access import AccessRecorder, find_restricted_folder, uses_aws
    from jobs.common.run.preflight import ensure_writable
    from jobs.common.secrets.key_provider import read_key_material
    from safelight.pseudonyms import Pseudonyms

    if not given.reason.strip():
        raise UsageError("--reason must not be empty")
    material = read_key_material(given.key)
    keys = {
        key_id: Pseudonyms(key, given.namespace)
        for key_id, key in material.pseudonym_keys().items()
    }
    restricted = find_restricted_folder(given.mapping or given.tables, given.mapping_store)
    root = ensure_writable("--tables", given.tables)
    folder = _check_output(given, root)
    with_aws = uses_aws(given.key, given.mapping_store, (root, restricted))
    with open_log(restricted, given.lease) as append:
        tables = Tables(None, root, restricted)
        recorder = AccessRecorder(tables, append, with_aws, restricted)
        rows = _read_rows(given, restricted, list(keys))
        pairs = {name: _decrypt(material, keys, rows, name) for name in _KINDS_BY_FILE}
        recorder.record(keys[material.ring.key_id], _describe_access(given, rows, keys))
    for name, of_file in pairs.items():
        _write(folder / name, of_file)
    ambiguous = sum(_count_ambiguous(name, of_file) for name, of_file in pairs.items())
    uids, patients = (len(of_file) for of_file in pairs.values())
    print(json.dumps({"uids": uids, "patient_ids": patients, "ambiguous": ambiguous}))
    return ExitCode.FINDINGS if ambiguous else ExitCode.DONE


def _check_output(given: argparse.Namespace, tables: Location) -> Path:
    """Return the folder of the files; it is created for its owner only.

    Raises
    ------
    UsageError
        If it is not local, is inside the tables, or cannot be created.
    """
    from jobs.common.cli.errors import UsageError
    from jobs.common.run.preflight import is_inside
    from jobs.common.storage.location import parse_uri

    location = parse_uri(given.output)
    if location.on_s3:
        raise UsageError("--output must be a local folder: the validator reads local files")
    if is_inside(location, tables):
        raise UsageError(
            "--output is inside --tables, whose readers must not see originals; give another folder"
        )
    folder = Path(location.path)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"--output {given.output} cannot be created ({error.strerror}); give another folder"
        ) from None
    return folder


def _read_rows(
    given: argparse.Namespace, restricted: Location, key_ids: Sequence[str]
) -> list[MappingRow]:
    """Return the pairs of all files: those of the current key first, then by pseudonym.

    Raises
    ------
    JobError
        If the mapping cannot be read, or has none of them.
    """
    from jobs.common.cli.errors import JobError
    from jobs.common.mapping_store.backoff import MappingStoreError
    from jobs.common.mapping_store.dynamodb_table import find_table
    from jobs.common.mapping_store.listing import list_pairs
    from jobs.common.run.failures import describe_failure

    kinds = [kind for of_file in _KINDS_BY_FILE.values() for kind in of_file]
    table = find_table(given.mapping_store)
    try:
        rows = list(list_pairs(restricted, table, given.namespace, key_ids, kinds))
    except MappingStoreError as error:
        raise JobError(describe_failure(error, "the mapping cannot be read")) from None
    if not rows:
        raise JobError(
            "the mapping has no UIDs and no Patient IDs under this key and namespace; check --key "
            "and --namespace"
        )
    return sorted(rows, key=lambda row: (key_ids.index(row.key_id), row.pseudonym))


def _decrypt(
    material: KeyMaterial,
    keys: Mapping[str, Pseudonyms],
    rows: Iterable[MappingRow],
    name: str,
) -> list[IdentifierPair]:
    """Return the distinct pairs of a file."""
    from jobs.common.secrets.value_cipher import ValueContext

    ciphers = {key_id: material.open_cipher(names) for key_id, names in keys.items()}
    pairs = (
        IdentifierPair(
            ciphers[row.key_id].decrypt(ValueContext.of(row), row.original_encrypted),
            row.pseudonym,
        )
        for row in rows
        if row.kind in _KINDS_BY_FILE[name]
    )
    return list(dict.fromkeys(pairs))


def _describe_access(
    given: argparse.Namespace, rows: Sequence[MappingRow], keys: Mapping[str, Pseudonyms]
) -> Access:
    """Return the access to all pairs, which concerns each of their patients."""
    from jobs.common.run.original_access import Access, hash_concerned

    concerned = {
        (row.key_id, name) for row in rows for name in (row.pseudonym, row.patient_pseudonym)
    }
    by_key = {
        key_id: hash_concerned(names, (name for of_key, name in concerned if of_key == key_id))
        for key_id, names in keys.items()
    }
    return Access(
        reason=given.reason,
        asked="mapping",
        asked_count=len(rows),
        answered_count=len(rows),
        namespace=given.namespace,
        key_ids=frozenset(row.key_id for row in rows),
        pseudonym_hashes=frozenset().union(*by_key.values()),
    )


def _write(path: Path, pairs: Sequence[IdentifierPair]) -> None:
    """Write a file that only its owner can read.

    Raises
    ------
    UsageError
        If it cannot be written.
    """
    from jobs.common.cli.errors import UsageError
    from safelight.text.formulas import neutralize_row

    try:
        path.unlink(missing_ok=True)  # an existing file keeps its permissions
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("id_old", "id_new"))
            writer.writerows(map(neutralize_row, pairs))
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written ({error.strerror}); give another --output"
        ) from None


def _count_ambiguous(name: str, pairs: Sequence[IdentifierPair]) -> int:
    """Report identifiers with more than one pseudonym, and return their number."""
    from jobs.common.cli.log import log_event

    count = len(pairs) - len({pair.original for pair in pairs})
    if count:
        log_event(
            "ambiguous_identifiers",
            f"{name}: {count} lines have an identifier of an earlier line with another pseudonym, "
            "because it is under several keys or is that of several patients; the validator uses "
            "the first",
            count=count,
        )
    return count


if __name__ == "__main__":
    from jobs.cli import main

    sys.exit(main(["midi-b", *sys.argv[1:]]))
