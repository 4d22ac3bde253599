"""Compute the cost of a million images by mix of modalities, from measured seconds and prices.

    python -m benchmarks.pixels.cost

The inputs are ``benchmarks/results/pixel_gate.json`` (measured by ``benchmarks.pixels.gate``) and
``benchmarks/pixels/cost.yaml`` (price, mixes, shares of images with text, with their sources). The
result is ``benchmarks/results/pixel_cost.md``.

An image is an object. Images with text go to OCR. Of the others, the gate stops a share, and the
rest goes to OCR without need. Seconds are means over the objects of a modality of at least
``MIN_MEGAPIXELS``, so that thumbnails in the test data do not lower the cost.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

RESULTS = Path(__file__).parents[1] / "results"
MIN_MEGAPIXELS = 0.06
#: A modality with fewer measured objects gets the figures of all modalities.
MIN_OBJECTS = 3
MILLION = 1_000_000


@dataclass(frozen=True)
class ModalityCost:
    """Cost of the images of one modality.

    Attributes
    ----------
    objects : int
        Measured objects.
    gated : float
        Share of the objects without text that the gate stops.
    text : float
        Share of images with text.
    stopped, read : float
        CPU seconds of an object that the gate stops, and of an object that goes to OCR.
    borrowed : bool
        Too few objects of the modality were measured; the figures are those of all modalities.
    """

    objects: int
    gated: float
    text: float
    stopped: float
    read: float
    borrowed: bool

    @property
    def share_read(self) -> float:
        """Share of images that go to OCR."""
        return self.text + (1 - self.text) * (1 - self.gated)

    @property
    def seconds(self) -> float:
        """Mean CPU seconds of an image."""
        return self.share_read * self.read + (1 - self.share_read) * self.stopped


def cost_of(modality: str, seen: Sequence[dict[str, Any]], text: dict[str, float]) -> ModalityCost:
    """Return the cost of a modality from the measured objects."""
    large = [one for one in seen if "refused" not in one and one["megapixels"] >= MIN_MEGAPIXELS]
    own = [one for one in large if one["modality"] == modality]
    borrowed = len(own) < MIN_OBJECTS
    used = large if borrowed else own
    plain = [one for one in used if not one["text"]]
    gated = sum(_stopped(one) for one in plain) / len(plain) if plain else 0.0
    return ModalityCost(
        len(own),
        gated,
        text.get(modality, 1 - len(plain) / len(used)),
        _mean([one for one in used if _stopped(one)] or [one for one in large if _stopped(one)]),
        _mean([one for one in used if not _stopped(one)]),
        borrowed,
    )


def _stopped(one: dict[str, Any]) -> bool:
    return bool(one["gated"] == one["pictures"])


def _mean(objects: Sequence[dict[str, Any]]) -> float:
    if not objects:
        return 0.0
    return sum(float(one["scan"] + one["rest"]) for one in objects) / len(objects)


def table(seen: Sequence[dict[str, Any]], given: dict[str, Any]) -> str:
    """Return the cost by modality and by mix as Markdown."""
    price, busy = given["price"]["core_hour"], given["price"]["busy"]
    modalities = sorted({name for mix in given["mixes"].values() for name in mix})
    costs = {name: cost_of(name, seen, given["text"]) for name in modalities}

    def dollars(seconds: float) -> float:
        return seconds * MILLION / 3600 / float(busy) * float(price)

    lines = [
        "# Cost of reading the pixels of a million images", "",
        "Written by `python -m benchmarks.pixels.cost` from `pixel_gate.json` (measured) and "
        "`benchmarks/pixels/cost.yaml` (assumed: price, mixes, shares of images with text, with "
        f"sources). A core hour costs ${price:.3f}; workers compute {busy:.0%} of their time. "
        "Seconds are from the bytes to the check for remaining PHI. Headers, text and storage are "
        "not included (see `headers.md`, `job.md`).", "",
        "## By modality", "",
        "| modality | objects measured | with text (assumed) | gated, of those without text "
        "| go to OCR | CPU s gated | CPU s read | CPU s per image | $ per million |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]  # fmt: skip
    for name, cost in costs.items():
        lines.append(
            f"| {name}{' *' if cost.borrowed else ''} | {cost.objects} | {cost.text:.0%} "
            f"| {cost.gated:.0%} | {cost.share_read:.0%} | {cost.stopped:.2f} | {cost.read:.2f} "
            f"| {cost.seconds:.2f} | {dollars(cost.seconds):.2f} |"
        )
    if any(cost.borrowed for cost in costs.values()):
        lines += [
            "",
            f"\\* fewer than {MIN_OBJECTS} objects: gated share and seconds of all modalities.",
        ]
    lines += [
        "", "## By mix", "", "| mix | images by modality | go to OCR | core hours per million "
        "| $ per million |", "|---|---|---:|---:|---:|",
    ]  # fmt: skip
    for name, mix in given["mixes"].items():
        seconds = sum(share * costs[m].seconds for m, share in mix.items())
        read = sum(share * costs[m].share_read for m, share in mix.items())
        parts = ", ".join(f"{m} {share:.1%}".replace(".0%", "%") for m, share in mix.items())
        hours = seconds * MILLION / 3600 / busy
        lines.append(f"| {name} | {parts} | {read:.0%} | {hours:,.0f} | {dollars(seconds):,.2f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Compute the costs and write the table."""
    measured = json.loads((RESULTS / "pixel_gate.json").read_text("utf-8"))
    seen = [one for folder in measured.values() for one in folder.values()]
    given = yaml.safe_load(Path(__file__).with_name("cost.yaml").read_text("utf-8"))
    text = table(seen, given)
    (RESULTS / "pixel_cost.md").write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
