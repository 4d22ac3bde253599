"""De-identify clinical notes: text, tables, FHIR and HL7v2 in, the same formats out.

examples:
  safelight notes --input notes.csv --output clean/ --tables tables/ --key file:key.hex
  safelight notes --input s3://ehr/export/ --output s3://research/notes/ \\
      --tables s3://research/tables/ --key aws-secretsmanager:safelight \\
      --known s3://ehr/patients.parquet --text-column report --patient-column MRN

Formats, by the end of a file's name: .txt (one note a file), .csv, .tsv, .jsonl, .ndjson,
.json, .parquet, .hl7 (HL7 v2 messages; also as .txt), .xml and .cda (CDA documents), .pdf; each
of them also packed, .gz. JSON with a resourceType is FHIR R4: single resources,
Bundles and bulk export; other JSON is rows. The output has the format and the columns of the
input under names that are pseudonyms; `note_files` and `sources` tell which is which.

Columns are known by their names (conf/notes/columns.yaml): names, identifiers, dates and
addresses go by rule, other text is cleaned as text, numbers pass. --column NAME=ACTION says
what happens to one: keep (less what is known of the patient), verbatim, remove, text, name,
token, date, birth_date, age, zip, uid, number, or an entity such as LOCATION. FHIR and HL7v2
go by conf/notes/fhir.yaml and hl7v2.yaml.

Notes of a patient have the pseudonym and the date shift of the same patient's images, if
patient IDs (and --issuer) are the same. A row that cannot be read is quarantined by itself.
Files of more than 8 MB are cut and worked on in pieces.

exit codes: 0 done (quarantined notes included), 1 the run failed, 2 a wrong argument,
3 notes were quarantined and --fail-on-quarantine was given. The last line on stdout is one
JSON object whose counts are of notes; a file that could not be read counts as one.
"""

from __future__ import annotations

import argparse
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    from jobs.common.cli import arguments

    arguments.add_input(parser)
    parser.add_argument("--output", required=True, metavar="URI", help="folder of the notes")
    arguments.add_tables(parser)
    arguments.add_key(parser)
    arguments.add_stages(parser, ("text",))
    parser.add_argument(
        "--known",
        metavar="URI",
        help="table (csv, jsonl, parquet, Delta) of values known of patients, any number of rows "
        "each: patient_id and names, IDs, dates, phones, relatives …",
    )
    parser.add_argument(
        "--text-column", action="append", default=[], metavar="NAME",
        help="column of free text, whatever its name says; may be repeated",
    )  # fmt: skip
    parser.add_argument("--patient-column", metavar="NAME", help="column of the patient's ID")
    parser.add_argument("--note-column", metavar="NAME", help="column of the note's ID")
    parser.add_argument(
        "--column", action="append", default=[], metavar="NAME=ACTION",
        help="what happens to a column; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--patient-from", choices=("none", "folder", "name"), default="none",
        help="for .txt: the patient's ID is the name of the folder, or of the file "
        "(default: %(default)s, each note has a date shift of its own)",
    )  # fmt: skip
    parser.add_argument("--issuer", metavar="NAME", help="issuer of the patient IDs, as in images")
    parser.add_argument("--delimiter", metavar="CHAR", help="of CSV (default: what the rows show)")
    parser.add_argument(
        "--encoding", default="auto", metavar="NAME",
        help="of text, CSV, JSON and HL7 v2 (default: UTF-8, UTF-16, or Windows-1252 where it is "
        "plain)",
    )  # fmt: skip
    arguments.add_run(parser)


def run(given: argparse.Namespace) -> int:
    """Check everything that can be checked, then run."""
    from jobs.common.notes.job import NotesJob, prepare_notes_run

    return NotesJob(prepare_notes_run(given)).run()


if __name__ == "__main__":
    from jobs.cli import main

    sys.exit(main(["notes", *sys.argv[1:]]))
