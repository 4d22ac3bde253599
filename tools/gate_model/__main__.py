"""Train the networks of `safelight.pixels.gate` and export them.

    python -m tools.gate_model gate --pictures LIST --fonts FOLDER... [--crops 24000] [--steps 1600]
    python -m tools.gate_model faint --pictures LIST --fonts FOLDER... [--steps 6000]

``gate`` trains the network of `safelight.pixels.gate.gate_cnn`, ``faint`` that of
`safelight.pixels.gate.faint_cnn`. LIST has the path of a picture without text on each line:
structures as fine as text that are not text. The left and top edge, the width and the height of
the part without text can follow. A picture is a DICOM object, a NIfTI volume, a NumPy array, or a
photograph. The folders of ``--fonts`` are searched for scalable fonts; those that ``--wide`` names
are used for scripts other than Latin. docs/gate-networks.md has the pictures and fonts of the
shipped network for faint text. torch and onnx are required.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from tools.gate_model.backgrounds import load_picture_parts, read_picture_list
from tools.gate_model.faint_crops import make_faint_crop
from tools.gate_model.faint_network import export_faint_onnx, train_faint
from tools.gate_model.network import TrainingSteps, build_network, export_onnx, train
from tools.gate_model.training_crops import CELL_PIXELS, CROP_PIXELS, Fonts, make_crop

_MODELS = Path(__file__).parents[2] / "safelight" / "pixels" / "gate"
_STEPS = {"gate": 1600, "faint": 6000}


def main() -> None:
    """Draw the crops, train a network and write it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("network", choices=sorted(_STEPS))
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--fonts", type=Path, nargs="+", default=[])
    parser.add_argument(
        "--wide", nargs="+", default=["DroidSansFallbackFull.ttf", "DejaVuSans.ttf"]
    )
    parser.add_argument("--crops", type=int, default=24000, help="crops of the gate network")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    pictures = load_picture_parts(read_picture_list(arguments.pictures))
    fonts = find_fonts(arguments.fonts, arguments.wide)
    steps = arguments.steps or _STEPS[arguments.network]
    out = arguments.out or _MODELS / f"{arguments.network}_cnn.onnx"
    if arguments.network == "gate":
        _train_gate(pictures, fonts, arguments.crops, steps, out)
    else:
        model = train_faint(lambda random: make_faint_crop(random, pictures, fonts), steps, seed=1)
        export_faint_onnx(model, out)


def find_fonts(folders: list[Path], wide: list[str]) -> Fonts:
    """Return the scalable fonts of folders: those of Latin letters, and those that ``wide`` names.

    Parameters
    ----------
    folders : list of Path
    wide : list of str
        File names.
    """
    found = sorted(path for folder in folders for path in folder.rglob("*.[ot]tf"))
    latin = [str(path) for path in found if "Fallback" not in path.name]
    return Fonts(latin, [str(path) for path in found if path.name in wide])


def _train_gate(
    pictures: list[npt.NDArray[np.uint8]], fonts: Fonts, count: int, total: int, out: Path
) -> None:
    """Train the gate network on a number of crops and write it."""
    random = np.random.default_rng(1)
    cells = CROP_PIXELS // CELL_PIXELS
    crops = np.zeros((count, CROP_PIXELS, CROP_PIXELS), np.uint8)
    labels = np.zeros((count, cells, cells), np.uint8)
    for number in range(count):
        crops[number], labels[number] = make_crop(random, pictures, fonts)
    torch.manual_seed(0)
    model = build_network()
    print(train(model, crops, labels, TrainingSteps(first=0, last=total, total=total)))
    export_onnx(model, out)


if __name__ == "__main__":
    main()
