"""Train the network of the gate's second look and write it.

    python -m tools.gate_model --pictures LIST --fonts FOLDER... [--crops 24000] [--steps 1600]

LIST is a file with a DICOM object without text on each line: what stays fine as text and is
none. FONTS are searched for scalable fonts; those named in ``--wide`` are used for scripts other
than Latin. The shipped network was trained on 60 pictures from the test data of pydicom,
highdicom, dicomParser, libdicom and dicognito (MIT) and the fonts of Debian's packages
fonts-urw-base35, fonts-dejavu and fonts-droid-fallback, in ten minutes of one core. Needs torch
and onnx.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

import numpy as np
import torch

from tools.gate_model.crops import PLACE, SIDE, Fonts, crop
from tools.gate_model.grounds import pictures
from tools.gate_model.network import export, network, train

SHIPPED = Path(__file__).parents[2] / "safelight" / "pixels" / "gate" / "gate_cnn.onnx"


def main() -> None:
    """Draw the squares, train, write the network."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--fonts", type=Path, nargs="+", default=[])
    parser.add_argument(
        "--wide", nargs="+", default=["DroidSansFallbackFull.ttf", "DejaVuSans.ttf"]
    )
    parser.add_argument("--crops", type=int, default=24000)
    parser.add_argument("--steps", type=int, default=1600)
    parser.add_argument("--out", type=Path, default=SHIPPED)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    files = [Path(line) for line in arguments.pictures.read_text("utf-8").splitlines() if line]
    real = pictures(files)
    found = sorted(p for folder in arguments.fonts for p in folder.rglob("*.[ot]tf"))
    wide = [str(path) for path in found if path.name in arguments.wide]
    fonts = Fonts([str(path) for path in found if "Fallback" not in path.name], wide)
    random = np.random.default_rng(1)
    squares = np.zeros((arguments.crops, SIDE, SIDE), np.uint8)
    truth = np.zeros((arguments.crops, SIDE // PLACE, SIDE // PLACE), np.uint8)
    for number in range(arguments.crops):
        squares[number], truth[number] = crop(random, real, fonts)
    torch.manual_seed(0)
    model = network()
    print(train(model, squares, truth, (0, arguments.steps, arguments.steps)))
    export(model, arguments.out)


if __name__ == "__main__":
    main()
