"""Network for faint text: architecture, training and export."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from safelight.pixels.gate.faint_cnn import make_contrast_channels
from tools.gate_model.network import make_block, make_separable_block
from tools.gate_model.training_crops import CROP_PIXELS, TEXT, UNSURE

#: Returns a crop and the labels of its places.
MakeCrop = Callable[[np.random.Generator], tuple[npt.NDArray[np.float32], npt.NDArray[np.uint8]]]

_CHANNELS = 4
_BATCH_CROPS = 16
_LEARNING_RATE = 3e-3
_WEIGHT_DECAY = 1e-4
_WARM_UP_STEPS = 60
_REPORT_STEPS = 50
#: Crops that are kept and drawn from, and new ones at each step.
_POOL_CROPS, _NEW_CROPS = 1500, 6
#: Range of levels of a frame, relative to that of the crop.
_RANGE_RATIOS = (1.0, 1.0, 1.5, 3.0)
_MAX_GRADIENT_NORM = 5.0


class FaintTextNetwork(nn.Module):  # type: ignore[misc]  # torch is not installed
    """Fully convolutional network with one output for each square of 4 pixels.

    The input has the shape (n, 4, rows, columns), the output (n, 1, rows / 4, columns / 4): the
    log odds of text. A coarse branch with a reach of more than 100 pixels is added to a fine one,
    so that the edges of a line are exact.
    """

    def __init__(self) -> None:
        super().__init__()
        self.fine = nn.Sequential(
            make_block(_CHANNELS, 16, 3, 2),
            make_separable_block(16, 24),
            make_separable_block(24, 40, 2),
            make_separable_block(40, 48),
        )
        self.coarse = nn.Sequential(
            make_block(48, 64, 3, 2),
            make_block(64, 64, 3, 1, 2),
            make_separable_block(64, 80, 1, 3),
            make_separable_block(80, 80, 1, 4),
            make_block(80, 48, 1),
            nn.Upsample(scale_factor=2, mode="nearest"),
        )
        self.join = nn.Sequential(make_separable_block(48, 48), nn.Conv2d(48, 1, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the log odds of text."""
        fine = self.fine(x)
        joined: torch.Tensor = self.join(fine + self.coarse(fine))
        return joined


def train_faint(make_crop: MakeCrop, steps: int, *, seed: int = 0) -> FaintTextNetwork:
    """Return a trained network.

    Parameters
    ----------
    make_crop : callable
    steps : int
    seed : int
    """
    random = np.random.default_rng(seed)
    torch.manual_seed(seed)
    model = FaintTextNetwork()
    model.train().to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(model.parameters(), _LEARNING_RATE, weight_decay=_WEIGHT_DECAY)
    pool = [make_crop(random) for _ in range(min(_POOL_CROPS, _BATCH_CROPS * steps))]
    losses: list[float] = []
    for step in range(steps):
        share = min(1, (step + 1) / _WARM_UP_STEPS) * (1 - step / steps)
        optimizer.param_groups[0]["lr"] = _LEARNING_RATE * share
        for _ in range(_NEW_CROPS):
            pool[int(random.integers(len(pool)))] = make_crop(random)
        chosen = [pool[int(n)] for n in random.integers(0, len(pool), _BATCH_CROPS)]
        inputs, targets = _make_batch(random, chosen)
        is_sure = targets != UNSURE
        outputs = model(inputs)[:, 0]
        loss = nn.functional.binary_cross_entropy_with_logits(
            outputs[is_sure], (targets[is_sure] == TEXT).float()
        )
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), _MAX_GRADIENT_NORM)
        optimizer.step()
        losses.append(loss.item())
        if step % _REPORT_STEPS == 0:
            print(step, round(float(np.mean(losses[-_REPORT_STEPS:])), 4), flush=True)
    return model


def _make_batch(
    random: np.random.Generator,
    crops: list[tuple[npt.NDArray[np.float32], npt.NDArray[np.uint8]]],
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the channels of crops and their labels; half of them are negatives."""
    inputs = []
    for values, _ in crops:
        ratio = float(random.choice(_RANGE_RATIOS))
        channels = make_contrast_channels(values, max(1.0, float(np.ptp(values)) * ratio))
        if random.random() < 0.5:
            channels[:-1] *= -1
        inputs.append(channels)
    batch = torch.from_numpy(np.stack(inputs)).to(memory_format=torch.channels_last)
    return batch, torch.from_numpy(np.stack([labels for _, labels in crops]))


def export_faint_onnx(model: nn.Module, path: Path) -> None:
    """Write the network as an ONNX file with dynamic batch size, rows and columns."""
    model.eval()
    torch.onnx.export(
        model, (torch.zeros(1, _CHANNELS, CROP_PIXELS, CROP_PIXELS),), str(path), dynamo=False,
        opset_version=17, input_names=["x"], output_names=["y"],
        dynamic_axes={"x": {0: "n", 2: "h", 3: "w"}, "y": {0: "n", 2: "h", 3: "w"}},
    )  # fmt: skip
