"""The pipeline as a whole, in Spark: it needs the jars and the shipped model."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from nlp_pipelines.annotate import annotate_texts
from nlp_pipelines.text_windows import split_windows
from nlp_pipelines.tokens import JAVA_BOUNDARY, tokenize
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


def test_a_note_is_read(annotate: Annotator) -> None:
    [spans] = annotate([NOTE])
    assert [value for value in HIDDEN if not is_hidden(NOTE, value, spans)] == []
    assert [value for value in KEPT if is_hidden(NOTE, value, spans)] == []


@pytest.mark.parametrize("text", ["SMITH^JOHN^A", "kowalczyk anna", "CHEST PA OKONKWO, CHIDI"])
def test_names_of_headers_are_found(annotate: Annotator, text: str) -> None:
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
def test_odd_texts_work(annotate: Annotator, text: str) -> None:
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
def test_other_languages_do_not_crash_and_dates_are_found(annotate: Annotator, text: str) -> None:
    [spans] = annotate([text])
    assert any(span.entity == "DATE" and "1956" in text[span.begin : span.end] for span in spans)


def test_rules_and_known_values_work_in_other_languages() -> None:
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


def test_an_entity_far_beyond_512_pieces_is_found(annotate: Annotator) -> None:
    text = "The lungs are clear. " * 400 + "Reviewed with Anna Kowalczyk of Duluth."
    [spans] = annotate([text])
    assert is_hidden(text, "Anna Kowalczyk", spans)


def test_the_data_frame_says_what_the_callable_says(spark: object, annotate: Annotator) -> None:
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


def test_spark_and_training_cut_tokens_alike(spark: object) -> None:
    from pyspark.ml import Pipeline
    from sparknlp.annotator import RegexTokenizer
    from sparknlp.base import DocumentAssembler, LightPipeline

    stages = [
        DocumentAssembler().setInputCol("text").setOutputCol("document"),
        RegexTokenizer().setInputCols(["document"]).setOutputCol("token")
        .setPattern(JAVA_BOUNDARY).setPositionalMask(False),
    ]  # fmt: skip
    empty = spark.createDataFrame([("",)], "text string")  # type: ignore[attr-defined]
    light = LightPipeline(Pipeline(stages=stages).fit(empty))
    for text in (NOTE, "SMITH^JOHN_x/y  E11.9 don't\u00a0“q” 5°C ½ ٣ 漢字\x07b\tc\r\nd"):
        [window] = split_windows(text)
        tokens = light.fullAnnotate(window.text)[0]["token"]
        assert [(t.begin, t.end + 1) for t in tokens] == tokenize(window.text)


def test_a_text_that_reads_like_a_path_is_a_text(annotate: Annotator) -> None:
    text = "/etc/hostname"
    assert annotate([text, "seen by Dr. Okonkwo"])[1]
