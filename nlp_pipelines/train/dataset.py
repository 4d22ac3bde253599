"""The training set: how much of what, cut into windows, labelled token by token."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from nlp_pipelines.labels import LABELS
from nlp_pipelines.tokens import tokenize
from nlp_pipelines.train.carriers import plant, read_carriers
from nlp_pipelines.train.corpora import IGNORED, read_corpora
from nlp_pipelines.train.noise import disturb
from nlp_pipelines.train.pools import load_pools
from nlp_pipelines.train.slots import Slots
from nlp_pipelines.train.templates import Document, generate, read_grammar
from nlp_pipelines.windows import windows

TEMPLATES = Path(__file__).parent / "templates"

#: Documents of each template file; negatives are the most, because what must not be hidden
#: is more various than what must.
COUNTS = {
    "descriptors": 8000,
    "negatives": 11000,
    "telegraphic": 9000,
    "dictation": 4000,
    "messages": 4000,
    "lines": 3000,
    "foreign": 1500,
    "queries": 5000,
    "screens": 2500,
    "radiology": 1500,
    "discharge": 1500,
    "letters": 1500,
}
CORPUS_SENTENCES = 6000
CARRIER_ROUNDS = 2

#: Label index of tokens that do not count.
NO_LABEL = -100


@dataclass(frozen=True)
class Example:
    """One window: its tokens, and the index of each token's label."""

    tokens: tuple[str, ...]
    labels: tuple[int, ...]


def documents(data: Path, seed: int, scale: float = 1.0) -> Iterator[Document]:
    """All training documents, in a fixed order for a seed."""
    rng = Random(seed)
    slots = Slots(load_pools(data, "train"), rng)
    for name, count in COUNTS.items():
        grammar = read_grammar(TEMPLATES / f"{name}.txt")
        for _ in range(round(count * scale)):
            yield disturb(generate(grammar, slots), rng)
    for _ in range(CARRIER_ROUNDS):
        carriers = read_carriers(data, "train")
        for kind, text in rng.sample(carriers, round(len(carriers) * min(1, scale))):
            yield plant(text, slots, kind)
    corpora = read_corpora(data)
    yield from rng.sample(corpora, round(CORPUS_SENTENCES * scale))


def examples(document: Document) -> Iterator[Example]:
    """The windows of a document, with labels: a token has the label of the span it touches."""
    begins = [span.begin for span in document.spans]
    for window in windows(document.text):
        tokens, labels, previous = [], [], -1
        for begin, end in tokenize(window.text):
            at = bisect_right(begins, window.offset + end - 1) - 1
            inside = at >= 0 and document.spans[at].end > window.offset + begin
            label = 0
            if inside and document.spans[at].label == IGNORED:
                label = NO_LABEL
            elif inside:
                prefix = "I" if at == previous else "B"
                label = LABELS.index(f"{prefix}-{document.spans[at].label}")
            previous = at if inside else -1
            tokens.append(window.text[begin:end])
            labels.append(label)
        if tokens:
            yield Example(tuple(tokens), tuple(labels))


def all_examples(source: Iterable[Document]) -> list[Example]:
    """The windows of all documents."""
    return [example for document in source for example in examples(document)]
