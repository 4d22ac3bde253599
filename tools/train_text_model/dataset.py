"""Generate the training set: documents of a mix, split into windows with token labels."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from nlp_pipelines.model_labels import LABELS
from nlp_pipelines.text_windows import split_windows
from nlp_pipelines.tokens import tokenize
from tools.train_text_model.carriers import clauses, plant, read_carriers
from tools.train_text_model.corpora import IGNORED, read_corpora
from tools.train_text_model.mixes import Mix
from tools.train_text_model.noise import disturb
from tools.train_text_model.pools import FUNCTION_WORDS, load_pools, ordinary_words
from tools.train_text_model.slots import Slots, TrainingSlots
from tools.train_text_model.templates import Document, Grammar, generate, read_grammar, render

TEMPLATES = Path(__file__).parent / "templates"

_JOINERS = (" ", " ", "\n", ". ", "; ", " - ", ", ", "\n\n", " / ")
#: Number of times that every carrier note is planted with values.
CARRIER_ROUNDS = 2

#: Label index of tokens that do not count in the loss.
NO_LABEL = -100


@dataclass(frozen=True)
class Example:
    """Window with its tokens and the label index of each token."""

    tokens: tuple[str, ...]
    labels: tuple[int, ...]


def mixed(grammars: Sequence[Grammar], slots: Slots) -> Document:
    """Return a document of lines of different files, so that no line predicts the next.

    Parameters
    ----------
    grammars : sequence of Grammar
        Template files to choose lines from.
    slots : Slots
        Source of the values.
    """
    rng = slots.rng
    lines = []
    for _ in range(rng.randint(2, 4)):
        sections = rng.choice(grammars).sections
        lines.append(rng.choice(sections[rng.choice(list(sections))]))
    return render(rng.choice(_JOINERS).join(lines), slots, "mixed")


def _slots(data: Path, rng: Random) -> Slots:
    """Return the slots of the training half, with clauses of the carrier notes."""
    pools = load_pools(data, "train")
    short = {word for name in ("abbreviations", "kin") for word in pools.plain[name]}
    ordinary = ordinary_words(data) | {word.lower() for word in short} | FUNCTION_WORDS
    plain = pools.plain | {"clause": clauses(data, "train", ordinary)}
    return TrainingSlots(replace(pools, plain=plain), rng)


def documents(data: Path, mix: Mix, seed: int, scale: float = 1.0) -> Iterator[Document]:
    """Yield all training documents of a mix; their order depends on the seed only.

    Parameters
    ----------
    data : Path
        Folder with the lists and corpora.
    mix : Mix
        Number of documents of each kind.
    seed : int
        Seed of the random numbers.
    scale : float
        Share of the documents, 0 to 1.
    """
    rng = Random(seed)
    slots = _slots(data, rng)
    grammars = {name: read_grammar(TEMPLATES / f"{name}.txt") for name in mix.counts}
    for name, count in mix.counts.items():
        for _ in range(round(count * scale)):
            yield disturb(generate(grammars[name], slots), rng)
    for _ in range(round(mix.side_by_side * scale)):
        yield disturb(mixed(list(grammars.values()), slots), rng)
    for _ in range(CARRIER_ROUNDS):
        carriers = read_carriers(data, "train")
        for kind, text in rng.sample(carriers, round(len(carriers) * min(1, scale))):
            yield plant(text, slots, kind)
    corpora = read_corpora(data)
    yield from rng.sample(corpora, round(mix.sentences * scale))


def examples(document: Document) -> Iterator[Example]:
    """Yield the windows of a document; a token has the label of the span that it overlaps."""
    begins = [span.begin for span in document.spans]
    for window in split_windows(document.text):
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
    """Return the windows of all documents."""
    return [example for document in source for example in examples(document)]
