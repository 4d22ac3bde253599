"""Checks of the MIDI-B challenge, and the answer key that holds them: an SQLite database."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

_COLUMNS = (
    "index", "group", "Modality", "SOPClassUID", "PatientID", "StudyInstanceUID",
    "SeriesInstanceUID", "SOPInstanceUID", "Digest", "AnswerData",
)  # fmt: skip


class CheckAction(str, Enum):
    """Kind of a check."""

    TAG_RETAINED = "tag_retained"
    TEXT_NOTNULL = "text_notnull"
    TEXT_RETAINED = "text_retained"
    TEXT_REMOVED = "text_removed"
    DATE_SHIFTED = "date_shifted"
    UID_CHANGED = "uid_changed"
    UID_CONSISTENT = "uid_consistent"
    PATID_CONSISTENT = "patid_consistent"
    PIXELS_RETAINED = "pixels_retained"
    PIXELS_HIDDEN = "pixels_hidden"


@dataclass(frozen=True)
class Check:
    """One check of one instance. HOLDS the planted values, which are synthetic.

    Attributes
    ----------
    action : CheckAction
    path : str
        Path of the element; empty for checks of pixels.
    name : str
        Keyword of the element, or what was planted.
    value : str
        Original value.
    action_text : str
        Text that must be retained or removed, the checksum of pixels, or JSON of a burned-in text.
    category : str
        Category under which the challenge reports the check.
    """

    action: CheckAction
    path: str
    name: str
    value: str
    action_text: str = ""
    category: str = ""


@dataclass(frozen=True)
class InstanceAnswers:
    """The checks of one instance, with its original identifiers."""

    modality: str
    sop_class_uid: str
    patient_id: str
    study_uid: str
    series_uid: str
    sop_uid: str
    digest: str
    checks: tuple[Check, ...] = field(repr=False)


def write_answer_key(path: Path, answers: Iterable[InstanceAnswers]) -> None:
    """Write an answer key; an existing one is replaced."""
    path.unlink(missing_ok=True)
    marks = ", ".join("?" * len(_COLUMNS))
    columns = ", ".join(f'"{name}"' for name in _COLUMNS)  # two of them are words of SQL
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(f"CREATE TABLE answer_data ({columns})")
        database.executemany(
            f"INSERT INTO answer_data ({columns}) VALUES ({marks})",
            ((number, 0, *_encode(instance)) for number, instance in enumerate(answers)),
        )


def read_answer_key(path: Path) -> Iterator[InstanceAnswers]:
    """Yield the answers of each instance of an answer key."""
    names = ", ".join(_COLUMNS[2:])
    with closing(sqlite3.connect(path)) as database:
        for *identifiers, data in database.execute(
            f'SELECT {names} FROM answer_data ORDER BY "index"'
        ):
            checks = tuple(_decode_check(check) for check in json.loads(data).values())
            modality, sop_class_uid, patient_id, study, series, instance, digest = identifiers
            yield InstanceAnswers(
                modality, sop_class_uid, patient_id, study, series, instance, digest, checks
            )


def _encode(instance: InstanceAnswers) -> tuple[str, ...]:
    data = {str(number): _encode_check(check) for number, check in enumerate(instance.checks)}
    return (
        instance.modality, instance.sop_class_uid, instance.patient_id, instance.study_uid,
        instance.series_uid, instance.sop_uid, instance.digest, json.dumps(data),
    )  # fmt: skip


def _encode_check(check: Check) -> dict[str, Any]:
    has_path = bool(check.path)
    standard, _, detail = check.category.partition(":")
    return {
        "scope": "<Instance>",
        "tag": f"<{check.path[-12:].strip('<>')}>" if has_path else None,
        "tag_ds": check.path if has_path else None,
        "tag_name": f"<{check.name}>" if has_path else None,
        "value": f"<{check.value}>" if has_path else None,
        "action": f"<{check.action.value}>",
        "action_text": f"<{check.action_text}>",
        "answer_category": f"<{check.category}>",
        "answer_category_v2": {standard: {"m" if standard == "hipaa" else "p15": detail}},
    }


def _decode_check(data: dict[str, Any]) -> Check:
    def read(name: str) -> str:
        value = data.get(name)
        return str(value)[1:-1] if value else ""

    return Check(
        action=CheckAction(read("action")),
        path=data.get("tag_ds") or "",
        name=read("tag_name"),
        value=read("value"),
        action_text=read("action_text"),
        category=read("answer_category"),
    )
