"""The mean of the weights of models that began alike.

Trained from one start with one fresh head, they differ in what they have read; their mean finds
more than either. Source: Wortsman et al., "Model soups", ICML 2022.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import torch
from transformers import BertForTokenClassification


def average(checkpoints: Sequence[Path], output: Path) -> None:
    """Write the mean of some checkpoints as another one."""
    models = [BertForTokenClassification.from_pretrained(folder) for folder in checkpoints]
    states = [model.state_dict() for model in models]
    mean = {
        name: torch.stack([state[name] for state in states]).mean(0)
        if value.is_floating_point()
        else value
        for name, value in states[0].items()
    }
    models[0].load_state_dict(mean)
    models[0].save_pretrained(output)
    shutil.copy(checkpoints[0] / "vocab.txt", output / "vocab.txt")
