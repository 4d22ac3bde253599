"""Train the network of `safelight.pixels.gate.gate_cnn` and export it.

    python -m tools.gate_model --pictures LIST --fonts FOLDER... [--crops 24000] [--steps 1600]

LIST has the path of a DICOM object without text on each line: structures as fine as text that are
not text. The folders of ``--fonts`` are searched for scalable fonts. Those that ``--wide`` names
are used for scripts other than Latin. The shipped network was trained on 60 pictures from the
test data of pydicom, highdicom, dicomParser, libdicom and dicognito (MIT) and the fonts of
Debian's packages fonts-urw-base35, fonts-dejavu and fonts-droid-fallback, in ten minutes on one
core. torch and onnx are required.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

import numpy as np
import torch

from tools.gate_model.backgrounds import load_pictures
from tools.gate_model.network import TrainingSteps, build_network, export_onnx, train
from tools.gate_model.training_crops import CELL_PIXELS, CROP_PIXELS, Fonts, make_crop

_SHIPPED_MODEL = Path(__file__).parents[2] / "safelight" / "pixels" / "gate" / "gate_cnn.onnx"


def main() -> None:
    """Draw the crops, train the network and write it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--fonts", type=Path, nargs="+", default=[])
    parser.add_argument(
        "--wide", nargs="+", default=["DroidSansFallbackFull.ttf", "DejaVuSans.ttf"]
    )
    parser.add_argument("--crops", type=int, default=24000)
    parser.add_argument("--steps", type=int, default=1600)
    parser.add_argument("--out", type=Path, default=_SHIPPED_MODEL)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    files = [Path(line) for line in arguments.pictures.read_text("utf-8").splitlines() if line]
    pictures = load_pictures(files)
    found = sorted(path for folder in arguments.fonts for path in folder.rglob("*.[ot]tf"))
    wide = [str(path) for path in found if path.name in arguments.wide]
    fonts = Fonts([str(path) for path in found if "Fallback" not in path.name], wide)
    random = np.random.default_rng(1)
    cells = CROP_PIXELS // CELL_PIXELS
    crops = np.zeros((arguments.crops, CROP_PIXELS, CROP_PIXELS), np.uint8)
    labels = np.zeros((arguments.crops, cells, cells), np.uint8)
    for number in range(arguments.crops):
        crops[number], labels[number] = make_crop(random, pictures, fonts)
    torch.manual_seed(0)
    model = build_network()
    steps = TrainingSteps(first=0, last=arguments.steps, total=arguments.steps)
    print(train(model, crops, labels, steps))
    export_onnx(model, arguments.out)


if __name__ == "__main__":
    main()
