"""The network and its training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from safelight.pixels.gate.gate_cnn import normalize_contrast
from tools.gate_model.crops import TEXT, UNSURE


def _fine(entering: int, leaving: int, step: int = 1, apart: int = 1) -> nn.Sequential:
    """A depthwise and a pointwise convolution."""
    return nn.Sequential(
        nn.Conv2d(entering, entering, 3, step, apart, apart, groups=entering, bias=False),
        nn.BatchNorm2d(entering),
        nn.Conv2d(entering, leaving, 1, bias=False),
        nn.BatchNorm2d(leaving),
        nn.ReLU(inplace=True),
    )


def _full(entering: int, leaving: int, size: int, step: int = 1, apart: int = 1) -> nn.Sequential:
    around = apart * (size // 2)
    return nn.Sequential(
        nn.Conv2d(entering, leaving, size, step, around, apart, bias=False),
        nn.BatchNorm2d(leaving),
        nn.ReLU(inplace=True),
    )


def network() -> nn.Sequential:
    """(n, 1, rows, columns) in, (n, 1, rows / 8, columns / 8) log odds out; sees 95 pixels."""
    return nn.Sequential(
        _full(1, 16, 5, 2),
        _fine(16, 24),
        _fine(24, 32, 2),
        _fine(32, 32),
        _full(32, 48, 3, 2),
        _full(48, 32, 3, 1, 2),
        _fine(32, 48, 1, 3),
        nn.Conv2d(48, 1, 1),
    )


def train(
    model: nn.Module,
    squares: npt.NDArray[np.uint8],
    truth: npt.NDArray[np.uint8],
    steps: tuple[int, int, int],
    seed: int = 0,
    batch: int = 32,
    rate: float = 4e-3,
) -> float:
    """Train from a step to another of as many as there will be; the mean loss at the end."""
    first, last, every = steps
    random = np.random.default_rng([seed, first])
    optimizer = torch.optim.AdamW(model.parameters(), rate, weight_decay=1e-4)
    model.train().to(memory_format=torch.channels_last)
    losses: list[float] = []
    for step in range(first, last):
        optimizer.param_groups[0]["lr"] = rate * min(1, (step + 1) / 50) * (1 - step / every)
        chosen = random.integers(0, len(squares), batch)
        seen, wanted = _batch(random, squares[chosen], truth[chosen])
        sure = wanted != UNSURE
        given = model(seen)[:, 0]
        loss = nn.functional.binary_cross_entropy_with_logits(
            given[sure], (wanted[sure] == TEXT).float()
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if step % 50 == 0:
            print(step, round(float(np.mean(losses[-50:])), 4), flush=True)
    return float(np.mean(losses[-200:]))


def _batch(
    random: np.random.Generator, squares: npt.NDArray[np.uint8], truth: npt.NDArray[np.uint8]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Squares as the network sees them, some as negatives or in a weaker contrast."""
    shown = []
    for square in squares:
        if random.random() < 0.3:
            square = 255 - square
        if random.random() < 0.2:
            square = (random.uniform(0, 150) + square * random.uniform(0.15, 0.6)).astype(np.uint8)
        shown.append(normalize_contrast(square))
    seen = torch.from_numpy(np.stack(shown)[:, None])
    return seen.to(memory_format=torch.channels_last), torch.from_numpy(truth)


def export(model: nn.Module, path: Path) -> None:
    """Write the network for onnxruntime."""
    model.eval()
    torch.onnx.export(
        model, (torch.zeros(1, 1, 192, 192),), str(path), dynamo=False, opset_version=17,
        input_names=["x"], output_names=["y"],
        dynamic_axes={"x": {0: "n", 2: "h", 3: "w"}, "y": {0: "n", 2: "h", 3: "w"}},
    )  # fmt: skip
