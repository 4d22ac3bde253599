r"""De-identify clinical notes in text files, tables, FHIR, HL7 v2, CDA and PDF, keeping the format.

For example:
  safelight notes --input notes.csv --output clean/ --tables tables/ --key file:key.hex
  safelight notes --input s3://ehr/export/ --output s3://research/notes/ \
      --tables s3://research/tables/ --key aws-secretsmanager:safelight \
      --known s3://ehr/patients.parquet --text-column report --patient-column MRN

The extension of the file name selects the format: .txt (one note per file), .csv, .tsv, .jsonl,
.ndjson, .json, .parquet, .hl7 (HL7 v2 messages; also as .txt), .xml and .cda (CDA documents), .pdf;
each of them also compressed, .gz. JSON with a resourceType is FHIR R4: single resources, Bundles
and bulk export. Other JSON is read as rows. The output has the format and the columns of the
input. Its file names are pseudonyms; `note_files` and `sources` map them to the sources.

The name of a column selects its rule (conf/notes/columns.yaml): names, identifiers, dates and
addresses are replaced by rule, other text is de-identified as free text, and numbers are kept.
--column NAME=ACTION sets the rule of one column: keep (without known values of the patient),
verbatim, remove, text, name, token, date, birth_date, age, zip, uid, number, or an entity such as
LOCATION. FHIR and HL7 v2 follow conf/notes/fhir.yaml and conf/notes/hl7v2.yaml.

Notes of a patient have the pseudonym and the date shift of the same patient's images if the
patient IDs (and --issuer) are the same. A row that cannot be read is quarantined, and the other
rows of its file are processed. Files of more than 8 MB are processed in pieces.

exit codes: 0 done (quarantined notes included), 1 the run failed, 2 an argument is wrong,
3 notes were quarantined and --fail-on-quarantine was given. The last line on stdout is one JSON
object that counts notes; a file that could not be read counts as one note.
"""

from __future__ import annotations

import argparse
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    from jobs.common.cli import arguments

    arguments.add_input(parser)
    arguments.add_output(parser, "notes")
    arguments.add_tables(parser)
    arguments.add_mapping_store(parser)
    arguments.add_key(parser)
    arguments.add_stages(parser, ("text",))
    parser.add_argument(
        "--known",
        metavar="URI",
        help="table (CSV, JSON lines, Parquet, Delta) of known values of patients, any number of "
        "rows per patient: patient_id and names, IDs, dates, phones, relatives …; the rows of "
        "patient_id * are known of all patients, such as the names of clinicians",
    )
    parser.add_argument(
        "--text-column", action="append", default=[], metavar="NAME",
        help="column of free text, regardless of its name; may be repeated",
    )  # fmt: skip
    parser.add_argument("--patient-column", metavar="NAME", help="column of the patient's ID")
    parser.add_argument("--note-column", metavar="NAME", help="column of the note's ID")
    parser.add_argument(
        "--column", action="append", default=[], metavar="NAME=ACTION",
        help="rule of a column; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--patient-from", choices=("none", "folder", "name"), default="none",
        help="for .txt: take the patient ID from the name of the folder or of the file "
        "(default: %(default)s, which gives each note its own date shift)",
    )  # fmt: skip
    parser.add_argument("--issuer", metavar="NAME", help="issuer of the patient IDs, as in images")
    parser.add_argument("--delimiter", metavar="CHAR", help="delimiter of CSV (default: detected)")
    parser.add_argument(
        "--encoding", default="auto", metavar="NAME",
        help="encoding of text, CSV, JSON and HL7 v2 (default: detected among UTF-8, UTF-16 and "
        "Windows-1252)",
    )  # fmt: skip
    parser.add_argument(
        "--csv-formulas", choices=("quote", "keep"), default="quote",
        help="put an apostrophe before fields of CSV that spreadsheets may run as formulas, or "
        "keep them (default: %(default)s)",
    )  # fmt: skip
    arguments.add_run(parser)


def run(given: argparse.Namespace) -> int:
    """Check the arguments, then run the job."""
    from jobs.common.notes.job import NotesJob, prepare_notes_run
    from jobs.common.run.run_config import run_session

    with run_session("notes", given) as spark:
        return NotesJob(prepare_notes_run(given, spark), spark).run()


if __name__ == "__main__":
    from jobs.cli import main

    sys.exit(main(["notes", *sys.argv[1:]]))
