"""The columns of every Delta table, as DDL: the one place that names them."""

from __future__ import annotations

_WHERE = "run_id STRING, batch INT, source_id STRING"

#: Written by a batch in this order; ``instances`` is last, because its rows make the rest count.
TABLES: dict[str, str] = {
    "sources": f"{_WHERE.replace('run_id', 'first_run_id')}, "
    "source_uri STRING, source_bytes BIGINT, source_version STRING, namespace STRING, "
    "key_id STRING",
    "mapping": "first_run_id STRING, batch INT, namespace STRING, kind STRING, "
    "original_encrypted BINARY, original_hmac STRING, pseudonym STRING, "
    "patient_pseudonym STRING, key_id STRING",
    "audit": f"{_WHERE}, sop_uid STRING, location STRING, keyword STRING, vr STRING, "
    "action STRING, rule STRING, detail STRING",
    "findings": f"{_WHERE}, sop_uid STRING, location STRING, entity STRING, engine STRING, "
    "confidence DOUBLE, box ARRAY<INT>, frame INT, text_hmac STRING",
    "catalog": f"{_WHERE}, patient_pseudonym STRING, study_uid STRING, series_uid STRING, "
    "sop_uid STRING, sop_class_uid STRING, output_uri STRING, image_type STRING, "
    "study_date STRING, series_date STRING, acquisition_date STRING, modality STRING, "
    "manufacturer STRING, manufacturer_model_name STRING, study_description STRING, "
    "series_description STRING, protocol_name STRING, body_part_examined STRING, "
    "view_position STRING, patient_sex STRING, patient_age STRING, slice_thickness STRING, "
    "series_number INT, instance_number INT, number_of_frames INT, rows INT, columns INT, "
    "pixel_spacing STRING, photometric_interpretation STRING, burned_in_annotation STRING",
    "instances": f"{_WHERE}, source_bytes BIGINT, status STRING, reason_code STRING, "
    "reason STRING, output_uri STRING, output_bytes BIGINT, output_sha256 STRING, "
    "sop_class_uid STRING, modality STRING, transfer_syntax_in STRING, "
    "transfer_syntax_out STRING, patient_pseudonym STRING, study_uid STRING, "
    "series_uid STRING, sop_uid STRING, rules_hash STRING, rules_name STRING, "
    "namespace STRING, key_id STRING, stages STRING, output_root STRING, software_version STRING, "
    "processed_at TIMESTAMP, seconds DOUBLE",
}

#: The tables of the notes job; ``note_files`` is last, because its rows make the rest count.
NOTES_TABLES: dict[str, str] = {
    "sources": TABLES["sources"],
    "mapping": TABLES["mapping"],
    "notes_findings": f"{_WHERE}, piece INT, row BIGINT, note_id STRING, field STRING, "
    "entity STRING, engine STRING, confidence DOUBLE, action STRING, begin INT, end INT, "
    "text_hmac STRING",
    "notes": f"{_WHERE}, piece INT, row BIGINT, note_id STRING, patient_pseudonym STRING, "
    "status STRING, reason_code STRING, reason STRING, chars_in BIGINT, chars_out BIGINT, "
    "output_uri STRING, output_sha256 STRING, rules_hash STRING, processed_at TIMESTAMP",
    "note_files": f"{_WHERE}, piece INT, pieces INT, format STRING, source_bytes BIGINT, "
    "status STRING, reason_code STRING, reason STRING, notes BIGINT, notes_quarantined BIGINT, "
    "output_uri STRING, output_bytes BIGINT, output_sha256 STRING, rules_hash STRING, "
    "rules_name STRING, fields_hash STRING, namespace STRING, key_id STRING, stages STRING, "
    "output_root STRING, software_version STRING, processed_at TIMESTAMP, seconds DOUBLE",
}

#: The last table of each job.
LAST_TABLES = ("instances", "note_files")

#: What a worker says about an instance beside its row: its place in the listing, and what
#: the conditional write found.
WORKER_COLUMNS = "position INT, written STRING"

RUNS = (
    "run_id STRING, command STRING, started_at TIMESTAMP, ended_at TIMESTAMP, outcome STRING, "
    "parameters MAP<STRING, STRING>, rules_hash STRING, counts MAP<STRING, BIGINT>, "
    "bytes_in BIGINT, bytes_out BIGINT, versions MAP<STRING, STRING>"
)

DECISIONS = (
    "text_hmac STRING, pipeline_version STRING, key_id STRING, "
    "spans ARRAY<STRUCT<`begin`: INT, `end`: INT, entity: STRING, engine: STRING, "
    "confidence: DOUBLE, fine: STRING>>"
)

REIDENTIFICATIONS = (
    "accessed_at TIMESTAMP, accessed_by STRING, reason STRING, asked STRING, "
    "asked_count INT, answered_count INT, namespace STRING, key_id STRING, "
    "software_version STRING"
)

RELEASES = (
    "release STRING, released_at TIMESTAMP, parameters MAP<STRING, STRING>, objects BIGINT, "
    "bytes BIGINT, manifest_sha256 STRING, software_version STRING"
)

#: Tables with sealed originals and with URIs of sources: under ``--mapping`` where that is given.
RESTRICTED = ("sources", "mapping")

#: What makes a row of a restricted table the same pair or the same source.
TABLE_KEYS = {
    "sources": ("source_id",),
    "mapping": ("namespace", "kind", "original_hmac", "key_id"),
}
