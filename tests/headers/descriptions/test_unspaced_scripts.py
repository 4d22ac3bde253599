from __future__ import annotations

import pytest

from safelight.headers.descriptions.unspaced_scripts import find_unread_runs
from tests.headers.objects import deidentify, find_nothing, make_object


@pytest.mark.parametrize(
    ("value", "hidden"),
    [
        ("cmt 山田太郎 end", ["山田太郎"]),
        ("佐藤花子 造影", ["佐藤花子"]),
        ("患者诸葛国强 胸部 CT", ["患者诸葛国强"]),
        ("김희중 흉부", ["김희중"]),
        ("ﾔﾏﾀﾞ CHEST", ["ﾔﾏﾀﾞ"]),
        ("สมชาย ใจดี", ["สมชาย", "ใจดี"]),
    ],
)
def test_text_that_no_recognizer_reads_is_hidden(value: str, hidden: list[str]) -> None:
    assert [value[span.begin : span.end] for span in find_unread_runs(value)] == hidden


@pytest.mark.parametrize(
    "value",
    [
        "",
        "CHEST",
        "Schädel",
        "Грудь",
        "頭部単純CT",
        "胸部造影 動脈相",
        "颅脑 平扫+增强",
        "흉부 조영",
        "右膝関節 MRI",
    ],
)
def test_words_of_imaging_and_alphabets_are_kept(value: str) -> None:
    assert not list(find_unread_runs(value))


def test_a_name_in_a_comment_is_hidden_although_the_model_does_not_find_it() -> None:
    ds = make_object(SpecificCharacterSet="ISO_IR 192", ImageComments="山田太郎 胸部造影 CT")
    new, result = deidentify(ds, annotate=find_nothing)
    assert new.ImageComments == "[NAME] 胸部造影 CT"
    assert [finding.engine for finding in result.findings] == ["regex"]


def test_the_name_of_a_product_is_kept() -> None:
    ds = make_object(SpecificCharacterSet="ISO_IR 192", ManufacturerModelName="联影 uMR 780")
    new, _ = deidentify(ds, annotate=find_nothing)
    assert new.ManufacturerModelName == "联影 uMR 780"
