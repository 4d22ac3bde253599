from __future__ import annotations

from pathlib import Path

from tools.train_text_model.carriers import as_template, clauses, known_identifiers


def test_clauses_have_no_names_professions_and_dates(tmp_path: Path) -> None:
    for folder, name, column in (
        ("text-aci-bench", "train.csv", "note"),
        ("text-mts-dialog", "MTS-Dialog-TrainingSet.csv", "section_text"),
    ):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text(
            f'{column}\n"He has no fever today. Keith has no fever today. He works as a fever '
            'nurse. No fever since Keith came. No fever since May."\n'
        )
    ordinary = {"he", "has", "no", "fever", "today", "works", "nurse", "since", "came", "may"}
    assert clauses(tmp_path, "train", ordinary) == ["He has no fever today."]


def test_identifiers_of_a_note_become_slots() -> None:
    assert (
        as_template("Seen by Dr. Miller on 3/14/2020.") == "Seen by Dr. {clinician} on {fulldate}."
    )


def test_doubtful_sentences_are_left_out() -> None:
    assert as_template("No fever since May. No pain.") == "No pain."


def test_identifiers_of_a_note_are_found_by_their_format() -> None:
    text = "Seen by Dr. Miller on 3/14/2020."
    assert {"Miller", "3/14/2020"} <= {text[b:e] for b, e in known_identifiers(text)}
