"""Measure the recall of names by their origin.

    python -m tools.evaluate_text_model.fairness

``names_by_origin.csv`` has up to 30 given names and 30 surnames of each of 22 origins, drawn from
the providers of Faker. Every pair is written in the same sentences, so that the origin is the only
difference.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from statistics import mean

from safelight.records import Annotate

_NAMES = Path(__file__).parent / "names_by_origin.csv"
#: Sentences with a given name and a surname; ``{0}`` is the given name, ``{1}`` the surname.
_FULL_NAMES = (
    "{0} {1} is a 54 year old woman who presents with chest pain.",
    "The plan was discussed with {0} {1}, and all questions were answered.",
    "PATIENT: {2}, {3}   DATE OF EXAM: 03/14/2020",
    "Electronically signed by {0} {1}, MD",
    "Findings were called to {0} {1} at 3 pm.",
)
#: Sentences with one of the names.
_SURNAMES = (
    "Dr. {1} reviewed the images and agrees with the findings.",
    "Mr. {1} was admitted for pneumonia and discharged home.",
)
_GIVEN_NAMES = (
    "His wife {0} was at the bedside during the visit.",
    "{0} says that the pain is better today.",
)


def _read_names() -> dict[str, list[tuple[str, str]]]:
    """Return pairs of a given name and a surname by origin."""
    names: dict[str, dict[str, list[str]]] = {}
    with _NAMES.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            kinds = names.setdefault(row["origin"], {"given": [], "surname": []})
            kinds[row["kind"]].append(row["name"])
    return {
        origin: [
            (given or kinds["given"][0], surname or kinds["surname"][0])
            for given, surname in zip_longest(kinds["given"], kinds["surname"])
        ]
        for origin, kinds in names.items()
    }


def _write_texts(given: str, surname: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each sentence with the names in it."""
    upper = (given.upper(), surname.upper())
    for sentence in _FULL_NAMES:
        text = sentence.format(given, surname, upper[1], upper[0])
        yield text, upper if "{2}" in sentence else (given, surname)
    for sentence in _SURNAMES:
        yield sentence.format(given, surname), (surname,)
    for sentence in _GIVEN_NAMES:
        yield sentence.format(given, surname), (given,)


def measure(annotate: Annotate) -> dict[str, tuple[int, int]]:
    """Return the number of names that were found, and of all names, by origin.

    Parameters
    ----------
    annotate : callable
        Takes texts and returns the spans of each.
    """
    results = {}
    for origin, pairs in _read_names().items():
        cases = [case for pair in pairs for case in _write_texts(*pair)]
        found = total = 0
        for (text, names), spans in zip(cases, annotate([text for text, _ in cases]), strict=True):
            covered = {at for span in spans for at in range(span.begin, span.end)}
            for name in names:
                begin = text.index(name)
                total += 1
                found += all(
                    begin + at in covered for at, letter in enumerate(name) if letter.isalnum()
                )
        results[origin] = (found, total)
    return results


def format_table(results: dict[str, tuple[int, int]]) -> str:
    """Return the table in Markdown, the lowest recall first, and the mean."""
    recalls = {origin: found / total for origin, (found, total) in results.items()}
    rows = ["| origin of the names | names | recall |", "|---|---:|---:|"]
    rows += [
        f"| {origin} | {results[origin][1]} | {recalls[origin]:.3f} |"
        for origin in sorted(recalls, key=lambda one: (recalls[one], one))
    ]
    total = sum(count for _, count in results.values())
    return "\n".join([*rows, f"| mean | {total} | {mean(recalls.values()):.3f} |"])


def main() -> None:
    """Print the table."""
    from tools.evaluate_text_model.session import local_session

    spark = local_session()
    from nlp_pipelines.annotate import build_annotator

    print(format_table(measure(build_annotator(spark))))
    spark.stop()


if __name__ == "__main__":
    main()
