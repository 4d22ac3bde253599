"""Measure the notes of five languages: recall by kind of PHI, and precision.

    python -m tools.evaluate_text_model.languages

The documents of ``languages/`` were written for this measurement, in German, Spanish, French,
Italian and Portuguese; people, places and numbers in them are fictional. The rules of
``safelight/text/recognizers/foreign_text.yaml`` were extended by the errors on ``mended`` and on
half a of ``halves``. Errors on half b of ``halves`` and on ``fresh`` were not looked at. Documents
and rules have one author, so other material will give lower figures. The set ``other`` has Dutch,
Polish, Swedish and Turkish documents, for which there are no rules.

Values that are not errors, whether or not they are found, (insurers) are marked as ``OPTIONAL``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from safelight.records import Annotate, Span
from tools.train_text_model.templates import Document, Gold

_FOLDER = Path(__file__).parent / "languages"
LANGUAGES = ("de", "es", "fr", "it", "pt")
#: Languages for which there are no rules; texts of them are only reported.
OTHER_LANGUAGES = ("nl", "pl", "sv", "tr")
SETS = ("mended", "halves", "fresh", "other")
_OPTIONAL = "OPTIONAL"
_MARK = re.compile(r"\[\[([A-Z]+):(.*?)\]\]", re.S)
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
#: Kinds of which a part of the words may remain, as "Klinikum" of the name of a hospital.
_KINDS_WITH_COMMON_WORDS = frozenset(("STREET", "HOSPITAL"))
_COMMON_WORDS_SHARE = 0.4
#: Titles and initials inside of the marks of names, which may remain.
_TITLES = frozenset(
    "prof dr med univ dra d don doña sra sr dott ssa sig m mme pr docteur professeur doutor pd p f "
    "a ra".split()
)


def read_documents(name: str, language: str) -> list[Document]:
    """Return the documents of a set; each starts with ``=== number-half`` in the file.

    Parameters
    ----------
    name : str
        One of `SETS`.
    language : str
        One of `LANGUAGES`, or of `OTHER_LANGUAGES` for the set ``other``.

    Returns
    -------
    list of Document
        The kind of a document is the text after ``===``.
    """
    text = (_FOLDER / name / f"{language}.txt").read_text(encoding="utf-8")
    parts = re.split(r"(?m)^=== (.*)\n", text)[1:]
    return [_read(body, kind) for kind, body in zip(parts[::2], parts[1::2], strict=True)]


def _read(body: str, kind: str) -> Document:
    parts: list[str] = []
    spans: list[Gold] = []
    length = last = 0
    for mark in _MARK.finditer(body):
        begin = length + mark.start() - last
        parts += [body[last : mark.start()], mark[2]]
        length, last = begin + len(mark[2]), mark.end()
        spans.append(Gold(begin, length, mark[1]))
    return Document("".join([*parts, body[last:]]), tuple(spans), kind)


def is_hidden(text: str, gold: Gold, spans: Sequence[Span]) -> bool:
    """Return whether spans cover what identifies in a marked value.

    Parameters
    ----------
    text : str
    gold : Gold
        The marked value.
    spans : sequence of Span
        Findings of a system.
    """
    covered = {at for span in spans for at in range(span.begin, span.end)}
    words = [
        word
        for word in re.finditer(r"\w+", text[gold.begin : gold.end])
        if gold.label != "NAME" or word[0].lower() not in _TITLES
    ]
    left = sum(
        not covered.issuperset(range(gold.begin + word.start(), gold.begin + word.end()))
        for word in words
    )
    if gold.label in _KINDS_WITH_COMMON_WORDS:
        return left <= _COMMON_WORDS_SHARE * len(words)
    return left == 0


def count(documents: Sequence[Document], found: Sequence[Sequence[Span]]) -> Counter[str]:
    """Count marked and hidden values by kind, and findings and right findings.

    Returns
    -------
    Counter
        By kind and ``KIND hidden``, ``found`` and ``right``.
    """
    counts: Counter[str] = Counter()
    for document, spans in zip(documents, found, strict=True):
        kept = [span for span in spans if span.entity != "AGE"]
        for gold in document.spans:
            if gold.label == _OPTIONAL:
                continue
            counts[gold.label] += 1
            counts[f"{gold.label} hidden"] += is_hidden(document.text, gold, kept)
        for span in kept:
            counts["found"] += 1
            counts["right"] += any(
                span.begin < gold.end and gold.begin < span.end for gold in document.spans
            )
    return counts


def measure(annotate: Annotate) -> Iterator[tuple[str, str, Counter[str]]]:
    """Yield language, set and half, and counts.

    Parameters
    ----------
    annotate : callable
        Takes texts and returns the spans of each.
    """
    for name in SETS:
        for language in OTHER_LANGUAGES if name == "other" else LANGUAGES:
            documents = read_documents(name, language)
            found = annotate([document.text for document in documents])
            pairs = list(zip(documents, found, strict=True))
            for half in sorted({document.kind.partition("-")[2] for document in documents}):
                part = [pair for pair in pairs if pair[0].kind.partition("-")[2] == half]
                counts = count([one for one, _ in part], [spans for _, spans in part])
                yield language, f"{name} {half}".strip(), counts


def format_row(language: str, part: str, counts: Counter[str]) -> str:
    """Return a row of the table in Markdown."""
    kinds = [kind for kind in counts if f"{kind} hidden" in counts]
    hidden = sum(counts[f"{kind} hidden"] for kind in kinds)
    marked = sum(counts[kind] for kind in kinds)
    details = ", ".join(f"{kind} {counts[f'{kind} hidden']}/{counts[kind]}" for kind in kinds)
    precision = counts["right"] / max(1, counts["found"])
    return f"| {language} | {part} | {hidden / marked:.3f} | {precision:.3f} | {details} |"


def main() -> None:
    """Print the table."""
    from tools.evaluate_text_model.session import local_session

    spark = local_session()
    from nlp_pipelines.annotate import build_annotator

    print("| language | documents | recall | precision | hidden of marked values |")
    print("|---|---|---:|---:|---|")
    for row in measure(build_annotator(spark)):
        print(format_row(*row))
    spark.stop()


if __name__ == "__main__":
    main()
