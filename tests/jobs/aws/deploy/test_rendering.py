"""Render the files of a deployment."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cfnlint.api import lint_file
from cfnlint.config import ManualArgs

from jobs.aws.deploy import rendering
from jobs.aws.deploy.rendering import render, render_settings, render_templates
from jobs.aws.deploy.templates import list_nested, parse, read_text
from jobs.aws.submit.release import Release, image_release

_RELEASE = Release("s3://a/main.py", "s3://a/environment.tar.gz", ("s3://a/spark-nlp.jar",))


def _render_root() -> tuple[str, str]:
    return next(item for item in render_templates().items() if item[0].endswith("main.yaml"))


def test_the_root_template_names_the_rendered_templates() -> None:
    templates = render_templates()
    urls = list_nested(parse(_render_root()[1])).values()
    for url in urls:
        text = url["Fn::Sub"]  # type: ignore[index]
        assert text.partition("amazonaws")[0] == text  # the suffix depends on the partition
        assert text.rpartition("}/")[2] in templates


def test_cloudformation_can_read_the_rendered_root_template(tmp_path: Path) -> None:
    path = tmp_path / "main.yaml"
    path.write_text(_render_root()[1])
    assert lint_file(path, config=ManualArgs(regions=["us-east-1"])) == []


def test_a_changed_template_gets_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    before = set(render_templates())
    monkeypatch.setattr(rendering, "read_text", lambda name: read_text(name) + "# changed\n")
    assert before.isdisjoint(render_templates())


def test_rendering_twice_gives_the_same_files() -> None:
    assert render(_RELEASE, 1) == render(_RELEASE, 1)


def test_the_settings_of_the_night_name_the_distribution() -> None:
    settings = json.loads(render_settings(_RELEASE, 1))
    assert settings["entry_point"] == "s3://a/main.py"
    assert "s3://a/spark-nlp.jar" in settings["spark_submit_parameters"]
    assert b"maxExecutors=40 " in render_settings(_RELEASE, 10)


def test_the_settings_of_an_image_name_no_distribution() -> None:
    settings = json.loads(render_settings(image_release(), 1))
    assert "spark.archives" not in settings["spark_submit_parameters"]


def test_without_a_distribution_there_are_no_settings() -> None:
    assert render(None, 1).parameters.keys() == {"CodeKey"}
