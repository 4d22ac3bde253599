"""Generate the test set: six kinds of documents and hard negatives.

Its templates differ from those of training, and its values belong to the other half
(:mod:`tools.train_text_model.pools`). Closed classes (states, months, measurements) are shared.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

from tools.train_text_model.pools import load_pools
from tools.train_text_model.slots import Slots
from tools.train_text_model.templates import Document, generate, read_grammar

TEMPLATES = Path(__file__).parent / "templates"
KINDS = ("descriptors", "radiology", "discharge", "letters", "queries", "screens")
NEGATIVES = "negatives"

#: Shares of documents in upper case and in lower case, by kind.
_CASES = {
    "descriptors": (0.6, 0.05),
    "screens": (0.5, 0.0),
    "queries": (0.05, 0.55),
    "negatives": (0.25, 0.25),
}
_OTHER_CASES = (0.08, 0.04)


def _change_case(document: Document, rng: Random) -> Document:
    """Return the document in upper or lower case, with the probabilities of its kind."""
    upper, lower = _CASES.get(document.kind, _OTHER_CASES)
    pick = rng.random()
    text = document.text
    # a letter whose other case has another length ("ß") is kept, so that offsets are unchanged
    if pick < upper:
        text = "".join(c.upper() if len(c.upper()) == 1 else c for c in text)
    elif pick < upper + lower:
        text = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return replace(document, text=text)


def build_testset(data: Path, per_kind: int = 400, seed: int = 2024) -> dict[str, list[Document]]:
    """Return documents by kind; those of `NEGATIVES` hold no identifier.

    Parameters
    ----------
    data : Path
        Folder with the lists.
    per_kind : int
        Number of documents of each kind.
    seed : int
        Seed of the random numbers; it determines all documents.
    """
    rng = Random(seed)
    slots = Slots(load_pools(data, "test"), rng)
    return {
        kind: [_change_case(generate(grammar, slots), rng) for _ in range(per_kind)]
        for kind in (*KINDS, NEGATIVES)
        for grammar in [read_grammar(TEMPLATES / f"{kind}.txt")]
    }
