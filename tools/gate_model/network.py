"""Gate CNN: architecture, training and export."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from safelight.pixels.gate.gate_cnn import normalize_contrast
from tools.gate_model.training_crops import CROP_PIXELS, TEXT, UNSURE

_BATCH_CROPS = 32
_LEARNING_RATE = 4e-3
_WEIGHT_DECAY = 1e-4
_WARM_UP_STEPS = 50
_REPORT_STEPS = 50
_FINAL_LOSS_STEPS = 200

_NEGATIVE_SHARE = 0.3
_WEAK_CONTRAST_SHARE = 0.2


@dataclass(frozen=True)
class TrainingSteps:
    """Part of a training.

    Attributes
    ----------
    first, last : int
        Step to start with, and step to stop before.
    total : int
        Number of steps of the whole training, which determines the learning rate.
    """

    first: int
    last: int
    total: int


def make_separable_block(
    inputs: int, outputs: int, stride: int = 1, dilation: int = 1
) -> nn.Sequential:
    """Return a depthwise and a pointwise convolution."""
    return nn.Sequential(
        nn.Conv2d(inputs, inputs, 3, stride, dilation, dilation, groups=inputs, bias=False),
        nn.BatchNorm2d(inputs),
        nn.Conv2d(inputs, outputs, 1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


def make_block(
    inputs: int, outputs: int, size: int, stride: int = 1, dilation: int = 1
) -> nn.Sequential:
    """Return a convolution."""
    padding = dilation * (size // 2)
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride, padding, dilation, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


def build_network() -> nn.Sequential:
    """Return the untrained network.

    The input has the shape (n, 1, rows, columns). The output has the shape
    (n, 1, rows / 8, columns / 8) and is the log odds of text. The receptive field is 95 pixels.
    """
    return nn.Sequential(
        make_block(1, 16, 5, 2),
        make_separable_block(16, 24),
        make_separable_block(24, 32, 2),
        make_separable_block(32, 32),
        make_block(32, 48, 3, 2),
        make_block(48, 32, 3, 1, 2),
        make_separable_block(32, 48, 1, 3),
        nn.Conv2d(48, 1, 1),
    )


def train(
    model: nn.Module,
    crops: npt.NDArray[np.uint8],
    labels: npt.NDArray[np.uint8],
    steps: TrainingSteps,
    *,
    seed: int = 0,
) -> float:
    """Train the network and return the mean loss of the last steps.

    Parameters
    ----------
    model : Module
    crops : ndarray
        (n, CROP_PIXELS, CROP_PIXELS) grey.
    labels : ndarray
        (n, cells, cells); see `tools.gate_model.training_crops.make_crop`.
    steps : TrainingSteps
    seed : int
    """
    random = np.random.default_rng([seed, steps.first])
    optimizer = torch.optim.AdamW(model.parameters(), _LEARNING_RATE, weight_decay=_WEIGHT_DECAY)
    model.train().to(memory_format=torch.channels_last)
    losses: list[float] = []
    for step in range(steps.first, steps.last):
        warm_up = min(1, (step + 1) / _WARM_UP_STEPS)
        optimizer.param_groups[0]["lr"] = _LEARNING_RATE * warm_up * (1 - step / steps.total)
        chosen = random.integers(0, len(crops), _BATCH_CROPS)
        inputs, targets = _make_batch(random, crops[chosen], labels[chosen])
        is_sure = targets != UNSURE
        outputs = model(inputs)[:, 0]
        loss = nn.functional.binary_cross_entropy_with_logits(
            outputs[is_sure], (targets[is_sure] == TEXT).float()
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if step % _REPORT_STEPS == 0:
            print(step, round(float(np.mean(losses[-_REPORT_STEPS:])), 4), flush=True)
    return float(np.mean(losses[-_FINAL_LOSS_STEPS:]))


def _make_batch(
    random: np.random.Generator, crops: npt.NDArray[np.uint8], labels: npt.NDArray[np.uint8]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return normalized crops and their labels; some are negatives or have a weaker contrast."""
    normalized = []
    for crop in crops:
        augmented = crop
        if random.random() < _NEGATIVE_SHARE:
            augmented = 255 - augmented
        if random.random() < _WEAK_CONTRAST_SHARE:
            offset, gain = random.uniform(0, 150), random.uniform(0.15, 0.6)
            augmented = (offset + augmented * gain).astype(np.uint8)
        normalized.append(normalize_contrast(augmented))
    inputs = torch.from_numpy(np.stack(normalized)[:, None])
    return inputs.to(memory_format=torch.channels_last), torch.from_numpy(labels)


def export_onnx(model: nn.Module, path: Path) -> None:
    """Write the network as an ONNX file with dynamic batch size, rows and columns."""
    model.eval()
    torch.onnx.export(
        model, (torch.zeros(1, 1, CROP_PIXELS, CROP_PIXELS),), str(path), dynamo=False,
        opset_version=17, input_names=["x"], output_names=["y"],
        dynamic_axes={"x": {0: "n", 2: "h", 3: "w"}, "y": {0: "n", 2: "h", 3: "w"}},
    )  # fmt: skip
