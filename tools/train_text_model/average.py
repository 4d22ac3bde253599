"""Average the weights of models that were trained from the same start.

The models have the same initial weights and head and were trained on different documents. Their
mean finds more than either of them. Source: Wortsman et al., "Model soups", ICML 2022.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

WEIGHTS = "model.safetensors"


def average(checkpoints: Sequence[Path], output: Path) -> None:
    """Write the mean of checkpoints as a new checkpoint.

    Parameters
    ----------
    checkpoints : sequence of Path
        Folders with ``model.safetensors`` of the same tensors, ``config.json`` and ``vocab.txt``.
        Tensors of integers (positions) and the two other files are taken from the first.
    output : Path
        Folder to write.

    Raises
    ------
    ValueError
        If the checkpoints do not hold the same tensors.
    """
    weights = [load_file(folder / WEIGHTS) for folder in checkpoints]
    shapes = [{name: tensor.shape for name, tensor in one.items()} for one in weights]
    if any(one != shapes[0] for one in shapes):
        raise ValueError(
            "the checkpoints hold different tensors: average models of one architecture"
        )
    mean = {
        name: np.mean([one[name] for one in weights], axis=0, dtype=tensor.dtype)
        if np.issubdtype(tensor.dtype, np.floating)
        else tensor
        for name, tensor in weights[0].items()
    }
    output.mkdir(parents=True, exist_ok=True)
    save_file(mean, output / WEIGHTS, metadata={"format": "pt"})
    for name in ("config.json", "vocab.txt"):
        shutil.copy(checkpoints[0] / name, output / name)
