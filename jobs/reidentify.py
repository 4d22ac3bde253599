r"""Look up the originals of pseudonyms and record the access.

For example:
  safelight reidentify --tables tables/ --key file:key.hex --reason "incidental finding" \
      --patient K7Q2M4RZ5WXA3BCD

With --object and --certificate-key, the original values in the Encrypted Attributes Sequence of one
object are printed: location, keyword, VR and value. This needs neither the tables nor their key,
but the access is recorded only if both are given.

The result is CSV on stdout: the requested pseudonym, kind, pseudonym, original, and namespace.
Before anything is printed, an entry is added to the table `access_log` in the folder of the
mapping: the user of the process, the caller that AWS names, the time, the reason, and keyed hashes
of the pseudonyms; it holds no original. `safelight audit` checks and searches this table. The file
`access_rules.yaml` in the same folder limits callers, namespaces and numbers: docs/mapping.md.
Spark is started only for a Delta table `mapping` of more than 5 million rows.

exit codes: 0 all pseudonyms were found, 1 the look-up or the record failed and nothing was printed,
2 an argument is wrong, 3 pseudonyms were not found: those that were found are printed.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobs.common.delta.tables.table_set import Tables
    from jobs.common.mapping_store.lookup import FoundPair, LookUp
    from jobs.common.run.original_access import Access
    from jobs.common.storage.location import Location
    from safelight.pseudonyms import Pseudonyms

#: A first line of ``--file`` that is a header unless it is a pseudonym of the mapping: words. It
#: has no digit, as UIDs and most pseudonyms have, and does not end like a patient pseudonym.
_HEADER = re.compile(r"(?!.*[A-Z2-7]{16}$)[A-Za-z][A-Za-z _.-]*")

#: Lines of ``--file`` that are printed.
_MAX_PRINTED_LINES = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    from jobs.common.cli import arguments

    arguments.add_tables(parser, required=False)
    arguments.add_mapping_store(parser)
    arguments.add_key(parser, required=False)
    parser.add_argument("--reason", required=True, help="reason for the access, which is recorded")
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument(
        "--uid", help="pseudonymous UID of a study, series, instance or other entity"
    )
    asked.add_argument(
        "--patient", metavar="ID", help="patient pseudonym; returns all values of this patient"
    )
    asked.add_argument("--file", metavar="CSV", help="CSV file with pseudonyms in its first column")
    asked.add_argument(
        "--object", metavar="URI", help="de-identified object with encrypted original values"
    )
    parser.add_argument(
        "--certificate-key",
        metavar="KEYREF",
        help="private key of a certificate that the rules of --object name as a recipient: PATH, "
        "env:NAME or aws-secretsmanager:NAME",
    )
    parser.add_argument("--lease", metavar="TABLE", help="DynamoDB table for the lease on S3")
    arguments.add_spark(parser)


def run(given: argparse.Namespace) -> int:
    """Look up the originals, record the access and print them."""
    from jobs.common.access_log.log import open_log
    from jobs.common.cli.errors import UsageError
    from jobs.common.cli.exit_codes import ExitCode
    from jobs.common.mapping_store.lookup import LookUp
    from jobs.common.run.original_access import AccessRecorder, find_restricted_folder, uses_aws
    from jobs.common.run.preflight import ensure_writable
    from jobs.common.secrets.key_provider import read_key_material
    from jobs.common.secrets.value_cipher import ValueContext
    from safelight.pseudonyms import Pseudonyms
    from safelight.text.formulas import neutralize_row

    if not given.reason.strip():
        raise UsageError("--reason must not be empty")
    if given.object is not None:
        return _open_object(given)
    if given.tables is None or given.key is None:
        raise UsageError("--tables and --key are required to look up pseudonyms")
    material = read_key_material(given.key)
    keys = {
        key_id: Pseudonyms(key, given.namespace)
        for key_id, key in material.pseudonym_keys().items()
    }
    asked = _requested(given)
    look_up = LookUp(given.namespace, tuple(keys), sorted(asked), given.patient is not None)
    restricted = find_restricted_folder(given.mapping or given.tables, given.mapping_store)
    root = ensure_writable("--tables", given.tables)
    with_aws = uses_aws(given.key, given.mapping_store, (root, restricted))
    with open_log(restricted, given.lease) as append, _open_tables(given, root) as tables:
        recorder = AccessRecorder(tables, append, with_aws, restricted)
        names = keys[material.ring.key_id]
        recorder.refuse_any_number(names, _describe_access(given.reason, look_up, (), keys))
        found = _find(given, tables, look_up)
        _drop_header(given, asked, {one.asked for one in found})
        ciphers = {key_id: material.open_cipher(names) for key_id, names in keys.items()}
        rows = [
            (
                one.asked,
                one.pair.kind,
                one.pair.pseudonym,
                ciphers[one.pair.key_id].decrypt(
                    ValueContext.of(one.pair), one.pair.original_encrypted
                ),
            )
            for one in found
        ]
        access = _describe_access(given.reason, look_up._replace(asked=sorted(asked)), found, keys)
        recorder.record(names, access)
    unanswered = _report_unanswered(
        asked, {row[0] for row in rows}, from_file=given.file is not None
    )
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("asked", "kind", "pseudonym", "original", "namespace"))
    writer.writerows(neutralize_row((*row, given.namespace)) for row in rows)
    return ExitCode.FINDINGS if unanswered else ExitCode.DONE


def _open_object(given: argparse.Namespace) -> int:
    """Print the encrypted original values of one object, and record the access."""
    from jobs.common.cli.errors import UsageError
    from jobs.common.cli.exit_codes import ExitCode
    from jobs.common.cli.log import log_event
    from jobs.common.run.encrypted_object import COLUMNS, open_object
    from safelight.text.formulas import neutralize_row

    if given.certificate_key is None:
        raise UsageError("--object needs --certificate-key, the private key of a recipient")
    if (given.tables is None) != (given.key is None):
        raise UsageError("give both --tables and --key, by which the access is recorded, or none")
    opened = open_object(given.object, given.certificate_key)
    if given.tables is None:
        log_event("access_not_recorded", "without --tables and --key, the access is not recorded")
    else:
        _record_object(given, opened.pseudonyms, len(opened.values) > 0)
    if not opened.values:
        log_event("no_encrypted_values", "the object has no Encrypted Attributes Sequence")
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(map(neutralize_row, opened.values))
    return ExitCode.DONE if opened.values else ExitCode.FINDINGS


def _record_object(given: argparse.Namespace, pseudonyms: Sequence[str], answered: bool) -> None:
    """Record the access to the encrypted values of one object with these pseudonyms."""
    from jobs.common.access_log.log import open_log
    from jobs.common.run.original_access import (
        Access,
        AccessRecorder,
        find_restricted_folder,
        hash_concerned,
        uses_aws,
    )
    from jobs.common.run.preflight import ensure_writable
    from jobs.common.secrets.key_provider import read_key
    from safelight.pseudonyms import Pseudonyms

    names = Pseudonyms(read_key(given.key), given.namespace)
    restricted = find_restricted_folder(given.mapping or given.tables, given.mapping_store)
    root = ensure_writable("--tables", given.tables)
    with_aws = uses_aws(given.key, given.mapping_store, (root, restricted))
    access = Access(
        reason=given.reason,
        asked="object",
        asked_count=1,
        answered_count=int(answered),
        namespace=given.namespace,
        key_ids=frozenset(),
        pseudonym_hashes=frozenset(hash_concerned(names, pseudonyms)),
    )
    with open_log(restricted, given.lease) as append, _open_tables(given, root) as tables:
        AccessRecorder(tables, append, with_aws, restricted).record(names, access)


def _describe_access(
    reason: str, look_up: LookUp, found: Sequence[FoundPair], keys: Mapping[str, Pseudonyms]
) -> Access:
    """Return the access of a look-up.

    Parameters
    ----------
    reason : str
    look_up : LookUp
    found : sequence of FoundPair
    keys : mapping of str to Pseudonyms
        Derivations by the ID of the key.
    """
    from jobs.common.run.original_access import Access, hash_concerned

    hashes = set().union(*(hash_concerned(names, look_up.asked) for names in keys.values()))
    for one in found:
        concerned = (one.asked, one.pair.pseudonym, one.pair.patient_pseudonym)
        hashes |= hash_concerned(keys[one.pair.key_id], concerned)
    return Access(
        reason=reason,
        asked="patient" if look_up.by_patient else "pseudonym",
        asked_count=len(look_up.asked),
        answered_count=len({one.asked for one in found}),
        namespace=look_up.namespace,
        key_ids=frozenset(one.pair.key_id for one in found),
        pseudonym_hashes=frozenset(hashes),
    )


@contextmanager
def _open_tables(given: argparse.Namespace, root: Location) -> Iterator[Tables]:
    """Provide the tables; Spark is started only if a look-up needs it."""
    from jobs.common.delta.tables.table_set import Tables
    from jobs.common.observe.observer import Observer
    from jobs.common.spark.cluster_check import ClusterNeeds
    from jobs.common.spark.session import lazy_session, parse_settings
    from jobs.common.storage.location import parse_uri

    restricted = parse_uri(given.mapping or given.tables)
    needs = ClusterNeeds((("--mapping", restricted), ("--tables", root)))
    settings = parse_settings(given.spark_conf)
    with (
        Observer("reidentify") as observer,
        lazy_session("reidentify", given.master, settings, needs) as start,
    ):
        with observer.stage("LOOKUP"):
            yield Tables(observer.attach_at_start(start), root, restricted)


def _find(given: argparse.Namespace, tables: Tables, look_up: LookUp) -> list[FoundPair]:
    """Return the pairs of the requested pseudonyms.

    Raises
    ------
    JobError
        If the mapping cannot be read.
    """
    from jobs.common.cli.errors import JobError
    from jobs.common.mapping_store.backoff import MappingStoreError
    from jobs.common.mapping_store.dynamodb_table import find_table
    from jobs.common.mapping_store.lookup import find_in_delta, find_in_dynamodb
    from jobs.common.run.failures import describe_failure

    table = find_table(given.mapping_store)
    if table is None:
        return find_in_delta(tables, look_up)
    try:
        return find_in_dynamodb(table, look_up)
    except MappingStoreError as error:
        raise JobError(describe_failure(error, "the look-up failed")) from None


def _requested(given: argparse.Namespace) -> dict[str, int]:
    """Return the requested pseudonyms, with the first line of ``--file`` that has each."""
    from jobs.common.cli.errors import UsageError
    from jobs.common.storage.objects import read_text

    if given.file is None:
        return {given.uid or given.patient: 1}
    rows = csv.reader(read_text(given.file).removeprefix("\ufeff").splitlines())
    lines: dict[str, int] = {}
    for row in rows:
        pseudonym = row[0].strip() if row else ""
        if pseudonym:
            lines.setdefault(pseudonym, rows.line_num)
    if not lines:
        raise UsageError("--file has no pseudonym; put one into the first column of each line")
    return lines


def _drop_header(
    given: argparse.Namespace, asked: dict[str, int], answered: AbstractSet[str]
) -> None:
    """Remove the header of ``--file`` from the requested pseudonyms."""
    from jobs.common.cli.log import log_event

    first = next(iter(asked))
    if given.file and asked[first] == 1 and first not in answered and _HEADER.fullmatch(first):
        del asked[first]
        log_event("header_skipped", "line 1 of --file is taken for a header, not a pseudonym")


def _report_unanswered(asked: dict[str, int], answered: set[str], from_file: bool) -> int:
    """Report pseudonyms without an original, and return their number.

    They are not printed: they may be originals.
    """
    from jobs.common.cli.log import log_event

    lines = sorted(line for pseudonym, line in asked.items() if pseudonym not in answered)
    if not lines:
        return 0
    place = ""
    if from_file:
        more = ", …" if len(lines) > _MAX_PRINTED_LINES else ""
        place = f" (--file, lines {', '.join(map(str, lines[:_MAX_PRINTED_LINES]))}{more})"
    log_event(
        "pseudonyms_not_found",
        f"{len(lines)} of {len(asked)} pseudonyms were not found under this key and namespace"
        f"{place}; check them, --key and --namespace",
        count=len(lines),
    )
    return len(lines)


if __name__ == "__main__":
    from jobs.cli import main

    sys.exit(main(["reidentify", *sys.argv[1:]]))
