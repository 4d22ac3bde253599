"""The pipeline with rules, in Spark; needs the jars and the shipped model."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from nlp_pipelines.annotate import annotate_texts
from safelight.records import Span
from safelight.text.known.known_phi import KnownPHI, KnownValue
from safelight.text.recognizers.patterns import find_patterns

Annotator = Callable[[Sequence[str]], list[list[Span]]]

NOTE = (
    "Patient: Kowalczyk, Anna\nMRN: 00482913  DOB: 03/04/1956\n"
    "Mrs. Kowalczyk, a retired librarian from Duluth, was seen by Dr. Okonkwo at "
    "St. Luke's Hospital on March 12, 2019. History of Parkinson disease. "
    "Foley catheter removed two days ago. Call 218-555-0143."
)
HIDDEN = (
    "Kowalczyk, Anna",
    "00482913",
    "03/04/1956",
    "Duluth",
    "Okonkwo",
    "March 12, 2019",
    "218-555-0143",
)
KEPT = ("Parkinson", "Foley", "two days ago", "catheter")


def hidden(text: str, spans: Sequence[Span]) -> set[int]:
    return {place for span in spans for place in range(span.begin, span.end)}


def is_hidden(text: str, value: str, spans: Sequence[Span]) -> bool:
    begin = text.index(value)
    places = [i for i in range(begin, begin + len(value)) if text[i].isalnum()]
    return hidden(text, spans).issuperset(places)


def test_phi_of_a_note_is_found_and_terms_are_kept(annotate: Annotator) -> None:
    [spans] = annotate([NOTE])
    assert [value for value in HIDDEN if not is_hidden(NOTE, value, spans)] == []
    assert [value for value in KEPT if is_hidden(NOTE, value, spans)] == []


@pytest.mark.parametrize("text", ["SMITH^JOHN^A", "kowalczyk anna", "CHEST PA OKONKWO, CHIDI"])
def test_names_in_header_values_are_found(annotate: Annotator, text: str) -> None:
    [spans] = annotate([text])
    assert any(span.entity == "NAME" for span in spans)


def test_offsets_are_code_points(annotate: Annotator) -> None:
    text = "😀𝔘 \u0301 seen by Łukasz Żółć 😀 on 2019-03-12"
    [spans] = annotate([text])
    assert is_hidden(text, "Łukasz Żółć", spans)
    assert is_hidden(text, "2019-03-12", spans)
    assert "😀" not in "".join(text[s.begin : s.end] for s in spans)


@pytest.mark.parametrize(
    "text", ["", " ", "x", "^", "\x00", "\ufffd" * 600, "7" * 3000, "é" * 999, "x" * 1_000_000]
)
def test_any_text_is_accepted(annotate: Annotator, text: str) -> None:
    [spans] = annotate([text])
    assert all(0 <= span.begin < span.end <= len(text) for span in spans)


@pytest.mark.parametrize(
    "text",
    [
        "Paciente: María Núñez, nacida el 12/03/1956. Dolor torácico desde hace dos días.",
        "Patientin: Jäger, Ursula, geb. 12.03.1956. Keine Fraktur. Tel. 030 1234567",
        "Patient : Lefèvre, Hélène, née le 12/03/1956. Pas de fracture.",
    ],
)
def test_dates_in_other_languages_are_found(annotate: Annotator, text: str) -> None:
    [spans] = annotate([text])
    assert any(span.entity == "DATE" and "1956" in text[span.begin : span.end] for span in spans)


def test_patterns_and_known_values_are_found_in_other_languages() -> None:
    texts = {
        "Patientin: Jäger, Ursula. Telefon: 030 1234567, Patientennummer: 00482913": ("de", 2),
        "Paciente con NHC: 00482913, tel. 912 345 678. La Sra. Jäger refiere tos.": ("es", 2),
        "Mme Jäger, IPP 00482913, tél. 01 42 34 56 78, vue le 3 mars 2019": ("fr", 3),
    }
    known = KnownPHI([KnownValue("NAME", "JÄGER^URSULA", "PATIENT"), KnownValue("ID", "482913")])
    for text, (_, least) in texts.items():
        spans = find_patterns(text)
        assert len({text[s.begin : s.end] for s in spans}) >= least
        assert {"Jäger", "00482913"} <= {
            part for s in known.find(text) for part in text[s.begin : s.end].split(", ")
        }
        assert any(s.entity == "CONTACT" for s in spans) and any(s.entity == "ID" for s in spans)


def test_an_entity_after_512_pieces_is_found(annotate: Annotator) -> None:
    text = "The lungs are clear. " * 400 + "Reviewed with Anna Kowalczyk of Duluth."
    [spans] = annotate([text])
    assert is_hidden(text, "Anna Kowalczyk", spans)


def test_the_data_frame_holds_the_spans_of_the_function(spark: object, annotate: Annotator) -> None:
    texts = [NOTE, "SMITH^JOHN", "", "no acute fracture", NOTE * 12]
    frame = spark.createDataFrame(  # type: ignore[attr-defined]
        [(str(i), text) for i, text in enumerate(texts)] + [("0", NOTE)],
        "text_id string, text string",
    )
    rows = annotate_texts(spark, frame).collect()  # type: ignore[arg-type]
    assert sorted(row.text_id for row in rows) == ["0", "1", "2", "3", "4"]
    for row in rows:
        wanted = annotate([texts[int(row.text_id)]])[0]
        found = [(s.begin, s.end, s.entity, s.engine, s.fine) for s in row.spans]
        assert found == [(s.begin, s.end, s.entity, s.engine, s.subtype) for s in wanted]


def test_a_text_that_looks_like_a_path_is_not_opened(annotate: Annotator) -> None:
    text = "/etc/hostname"
    assert annotate([text, "seen by Dr. Okonkwo"])[1]
