"""Fine-tune MiniLM as a token classifier (PyTorch, CPU, bfloat16 autocast)."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import torch
from transformers import BertForTokenClassification, BertTokenizerFast

from nlp_pipelines.model_labels import LABELS
from tools.train_text_model.dataset import NO_LABEL, Example

#: Lengths in pieces to which batches are padded.
LENGTHS = (16, 32, 48, 64, 96, 128, 160, 192, 256, 384, 512)


def padded_length(length: int) -> int:
    """Return the padded length of a batch whose longest window has a number of pieces."""
    return next(bound for bound in LENGTHS if length <= bound)


@dataclass(frozen=True)
class Settings:
    """Hyperparameters of the training.

    Attributes
    ----------
    epochs : float
        Number of passes over the examples; the last may be a part of them.
    pieces : int
        Maximum pieces of a batch, so that long windows come in small batches.
    rate : float
        Peak learning rate.
    warm_up : float
        Share of the steps in which the learning rate rises.
    seed : int
        Seed of the random numbers.
    """

    epochs: float = 1.0
    pieces: int = 2048
    rate: float = 3e-4
    warm_up: float = 0.06
    seed: int = 7


def start_model(folder: Path) -> BertForTokenClassification:
    """Return the MiniLM weights of a folder with a new head, or a checkpoint unchanged."""
    return BertForTokenClassification.from_pretrained(
        folder,
        num_labels=len(LABELS),
        id2label=dict(enumerate(LABELS)),
        label2id={label: index for index, label in enumerate(LABELS)},
    )


def encode(tokenizer: Any, example: Example) -> tuple[list[int], list[int]]:
    """Return piece IDs and labels of a window; only the first piece of a token has a label.

    Parameters
    ----------
    tokenizer : BertTokenizerFast
        Tokenizer of the pieces.
    example : Example
        Window with its labels.
    """
    encoding = tokenizer(
        list(example.tokens), is_split_into_words=True, truncation=True, max_length=512
    )
    labels, previous = [], None
    for word in encoding.word_ids():
        labels.append(NO_LABEL if word is None or word == previous else example.labels[word])
        previous = word
    return encoding["input_ids"], labels


def batches(
    encoded: list[tuple[list[int], list[int]]], limit: int, rng: Random
) -> Iterator[list[tuple[list[int], list[int]]]]:
    """Yield batches of similar length in random order.

    There are few different shapes, because the CPU kernels are compiled once per shape.

    Parameters
    ----------
    encoded : list
        Piece IDs and labels of each window.
    limit : int
        Maximum pieces of a batch, padding included.
    rng : random.Random
        Source of the order.
    """
    order = rng.sample(range(len(encoded)), len(encoded))
    open_batches: dict[int, list[int]] = {length: [] for length in LENGTHS}
    found: list[list[int]] = []
    for index in order:
        length = padded_length(len(encoded[index][0]))
        open_batches[length].append(index)
        if len(open_batches[length]) == max(1, limit // length):
            found.append(open_batches[length])
            open_batches[length] = []
    found += [batch for batch in open_batches.values() if batch]
    rng.shuffle(found)
    for batch in found:
        yield [encoded[index] for index in batch]


def fit(examples: list[Example], start: Path, output: Path, settings: Settings) -> None:
    """Train a model and write a checkpoint (weights, configuration, vocabulary).

    Parameters
    ----------
    examples : list of Example
        Training windows.
    start : Path
        Folder with the initial weights and the vocabulary.
    output : Path
        Folder of the checkpoint.
    settings : Settings
        Hyperparameters.
    """
    # more threads than cores slow each other down
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    torch.manual_seed(settings.seed)
    rng = Random(settings.seed)
    tokenizer = BertTokenizerFast(str(start / "vocab.txt"), do_lower_case=True)
    model = start_model(start)
    model.train()
    encoded = [encode(tokenizer, example) for example in examples]
    whole, part = int(settings.epochs), settings.epochs % 1
    plan = [batch for _ in range(whole) for batch in batches(encoded, settings.pieces, rng)]
    if part:
        some = rng.sample(encoded, round(len(encoded) * part))
        plan += list(batches(some, settings.pieces, rng))
    decayed = [p for n, p in model.named_parameters() if p.dim() > 1]
    plain = [p for n, p in model.named_parameters() if p.dim() <= 1]
    optimiser = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0.0}],
        lr=settings.rate,
        fused=True,
    )
    warm = max(1, round(len(plan) * settings.warm_up))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / warm, max(0.01, 1 - step / len(plan)))
    )
    began, losses = time.monotonic(), 0.0
    for step, batch in enumerate(plan, 1):
        longest = padded_length(max(len(pieces) for pieces, _ in batch))
        ids = torch.zeros((len(batch), longest), dtype=torch.long)
        mask = torch.zeros_like(ids)
        labels = torch.full_like(ids, NO_LABEL)
        for row, (pieces, wanted) in enumerate(batch):
            ids[row, : len(pieces)] = torch.tensor(pieces)
            mask[row, : len(pieces)] = 1
            labels[row, : len(wanted)] = torch.tensor(wanted)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(input_ids=ids, attention_mask=mask).logits
        loss = torch.nn.functional.cross_entropy(
            logits.float().view(-1, len(LABELS)), labels.view(-1), ignore_index=NO_LABEL
        )
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        losses += loss.item()
        if step % 100 == 0 or step == len(plan):
            print(
                f"step {step} of {len(plan)}, loss {losses / (step % 100 or 100):.4f}, "
                f"{time.monotonic() - began:.0f} s",
                file=sys.stderr,
                flush=True,
            )
            losses = 0.0
        if step % 500 == 0 or step == len(plan):
            model.save_pretrained(output)
            shutil.copy(start / "vocab.txt", output / "vocab.txt")
