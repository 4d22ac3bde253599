"""The mean of trainings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from tools.train_text_model.average import WEIGHTS, average


def checkpoint(folder: Path, head: list[float], positions: tuple[int, ...] = (0, 1)) -> Path:
    folder.mkdir()
    tensors = {
        "classifier.bias": np.array(head, np.float32),
        "positions": np.array(positions, np.int64),
    }
    save_file(tensors, folder / WEIGHTS)
    (folder / "config.json").write_text('{"hidden_size": 2}')
    (folder / "vocab.txt").write_text(f"[PAD]\n{folder.name}\n")
    return folder


def test_the_mean_has_half_of_each_and_the_files_of_the_first(tmp_path: Path) -> None:
    first = checkpoint(tmp_path / "first", [1.0, -2.0])
    second = checkpoint(tmp_path / "second", [3.0, 0.5])
    average([first, second], tmp_path / "mean")
    found = load_file(tmp_path / "mean" / WEIGHTS)
    assert found["classifier.bias"].tolist() == [2.0, -0.75]
    assert found["classifier.bias"].dtype == np.float32
    assert found["positions"].tolist() == [0, 1]
    assert (tmp_path / "mean" / "vocab.txt").read_text() == "[PAD]\nfirst\n"
    assert (tmp_path / "mean" / "config.json").exists()


def test_models_of_another_form_are_refused(tmp_path: Path) -> None:
    first = checkpoint(tmp_path / "first", [1.0, -2.0])
    wider = checkpoint(tmp_path / "wider", [1.0, -2.0, 3.0])
    with pytest.raises(ValueError, match="different tensors"):
        average([first, wider], tmp_path / "mean")
    assert not (tmp_path / "mean").exists()
