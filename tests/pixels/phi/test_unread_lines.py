from __future__ import annotations

from dataclasses import replace

import pytest

from safelight.pixels.geometry import Box
from safelight.pixels.models import TextLine
from safelight.pixels.phi.unread_lines import (
    find_unread_neighbors,
    has_only_unknown_text,
    is_partly_read,
    is_unreadable_text,
    is_unstable_text,
)
from tests.pixels.phi.scans import make_line, make_scan, masked_text


def make_doubtful(text: str, *variants: str, confidence: float = 0.75) -> TextLine:
    """Return a badly read line with other renderings of it."""
    return replace(make_line(text, 10, 10, confidence), variants=variants)


@pytest.mark.parametrize("text", ["HB_/AETT IE:", "seae88ee", "03\\00\\Ta2T", "76968866"])
def test_words_that_no_vocabulary_holds_are_unreadable_text(text: str) -> None:
    assert is_unreadable_text(make_doubtful(text))
    assert not is_unreadable_text(make_doubtful(text, confidence=0.95))


@pytest.mark.parametrize(
    "text", ["Gen0 Sector MB", "AAAavLAAv AAA", "W 4095 L-2048", "Xq7", "3.3/4/5"]
)
def test_labels_curves_and_settings_are_no_unreadable_text(text: str) -> None:
    assert not is_unreadable_text(make_doubtful(text))


def test_several_ideograms_are_unreadable_text() -> None:
    assert is_unreadable_text(make_doubtful("フ回人立屋", confidence=0.58))
    assert not is_unreadable_text(make_doubtful("十……十"))


def test_a_misread_lead_marker_is_no_unreadable_text() -> None:
    assert not is_unreadable_text(make_doubtful("PORMBLE"))


def test_a_known_word_in_another_rendering_is_no_unreadable_text() -> None:
    assert not is_unreadable_text(make_doubtful("Gen0Sectar", "Sector"))


def test_a_line_whose_renderings_disagree_is_unstable() -> None:
    assert is_unstable_text(make_doubtful("HAR WELL A NE", "HARL ANES", "HAL ARRNES"))
    assert is_unstable_text(make_doubtful("0305/ 161", "0105/ 251"))
    assert not is_unstable_text(make_doubtful("Store in pragress", "Store in progress"))
    assert not is_unstable_text(make_doubtful("HARL ANES", "HARL ANES"))


def test_a_badly_read_piece_without_a_known_word_is_masked_with_its_finding() -> None:
    assert has_only_unknown_text(make_doubtful("17 102 7IT"))
    assert "17 102 7IT" in masked_text(make_scan([make_doubtful("17 102 7IT", confidence=0.88)]))


def test_a_hardly_read_line_below_a_masked_one_is_masked() -> None:
    name = make_line("WORTHINGTON", 10, 10)
    below = replace(make_line("sAme12", 10, 26, 0.5), rotation=180)
    far = replace(make_line("sAme12", 10, 260, 0.5), rotation=180)
    scan = make_scan([name, below, far])
    assert masked_text(scan).split(" | ") == ["WORTHINGTON", "sAme12"]
    assert find_unread_neighbors(scan.lines, ()) == []


def test_a_line_that_reads_upside_down_next_to_masked_text_is_masked() -> None:
    scan = make_scan(
        [
            make_line("14.02.1961", 10, 10),
            replace(make_line("imcd", 10, 26, 0.75), rotation=180),
            replace(make_line("LL.", 46, 26, 0.55), rotation=180),
            replace(make_line("imcd", 10, 120, 0.75), rotation=180),
        ]
    )
    assert masked_text(scan).split(" | ") == ["14.02.1961", "imcd", "LL."]


def test_parts_of_a_line_that_cannot_be_read_are_masked_with_it() -> None:
    unread = replace(make_line("", 40, 10, 0.98), box=Box(40, 10, 200, 14))
    beside, below = make_line("Á.", 22, 10, 0.91), make_line("Tee|01|d :d", 40, 26, 0.64)
    masks = masked_text(make_scan([unread, beside, below]))
    assert "Á." in masks
    assert "Tee|01|d :d" in masks


def test_a_harmless_line_next_to_unread_text_is_kept() -> None:
    unread = replace(make_line("", 40, 10, 0.98), box=Box(40, 10, 200, 14))
    assert "Thyroid" not in masked_text(make_scan([unread, make_line("Thyroid 9", 40, 26, 0.85)]))


def test_a_line_with_unread_characters_is_masked_near_phi() -> None:
    name = make_line("ID: 69134691", 10, 10)
    partly = replace(make_line("s A.C.", 10, 26, 0.93), character_borders=(0.7,) * 6 + (1.0,))
    assert is_partly_read(partly)
    assert not is_partly_read(replace(partly, character_borders=()))
    assert "s A.C." in masked_text(make_scan([name, partly]))
    assert "s A.C." not in masked_text(make_scan([make_line("Gain 52", 10, 10), partly]))


def test_a_name_of_two_ideograms_is_masked() -> None:
    assert masked_text(make_scan([make_line("\u738b\u82b3", 10, 10)])) == "\u738b\u82b3"
