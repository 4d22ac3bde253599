"""Render all that a deployment uploads: templates, code of the functions, settings of the night.

Rendering needs no account. Keys hold checksums of the content, so that an earlier deployment can be
deployed again, and a change of any file is a change of the stack.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from jobs.aws.deploy.function_code import build_archive
from jobs.aws.deploy.templates import (
    ARTIFACTS_TEMPLATE,
    ROOT_TEMPLATE,
    SECTION_TEMPLATES,
    list_nested,
    parse,
    read_template,
    read_text,
)
from jobs.aws.submit.emr_serverless import EmrServerlessRun, build_request
from jobs.aws.submit.release import Release

#: Hexadecimal digits of a checksum in a key.
_KEY_DIGITS = 16


@dataclass(frozen=True)
class Rendering:
    """Files and parameters of one deployment.

    Attributes
    ----------
    artifacts_template : str
        Template of the bucket, which is deployed first.
    files : mapping of bytes
        Content by key in the bucket.
    root_key : str
        Key of the root template.
    section_keys : mapping of str
        Key of the template of each section of the parameters.
    parameters : mapping of str
        Parameters of the root stack that name the files.
    """

    artifacts_template: str
    files: Mapping[str, bytes] = field(repr=False)
    root_key: str
    section_keys: Mapping[str, str]
    parameters: Mapping[str, str]


def render(release: Release | None, nodes: int) -> Rendering:
    """Return what a deployment uploads.

    Parameters
    ----------
    release : Release or None
        Distribution on S3 or in the image. ``None`` leaves out the settings of the night, which
        name it.
    nodes : int
        Largest number of nodes of a run.

    Returns
    -------
    Rendering
        Files and parameters.
    """
    templates = render_templates()
    files = {key: text.encode() for key, text in templates.items()}
    code = build_archive()
    code_key = f"code/{_digest(code)}.zip"
    files[code_key] = code
    parameters = {"CodeKey": code_key}
    if release is not None:
        settings = render_settings(release, nodes)
        settings_key = f"distribution/{_digest(settings)}/nightly.json"
        files[settings_key] = settings
        parameters["SettingsKey"] = settings_key
    root_key = next(key for key in templates if key.endswith(f"/{ROOT_TEMPLATE}"))
    folder = root_key.rpartition("/")[0]
    section_keys = {section: f"{folder}/{name}" for section, name in SECTION_TEMPLATES.items()}
    return Rendering(read_text(ARTIFACTS_TEMPLATE), files, root_key, section_keys, parameters)


def render_templates() -> dict[str, str]:
    """Return the root template, those that it nests, and those of sections, by key.

    The root template then names the others by their URLs in the artifacts bucket.
    """
    nested = sorted(set(list_nested(read_template(ROOT_TEMPLATE)).values()))
    names = (*nested, *SECTION_TEMPLATES.values(), ROOT_TEMPLATE)
    folder = f"templates/{_digest(''.join(map(read_text, names)).encode())}"
    texts = {name: read_text(name) for name in names}
    texts[ROOT_TEMPLATE] = _set_urls(texts[ROOT_TEMPLATE], folder)
    return {f"{folder}/{name}": text for name, text in texts.items()}


def _set_urls(text: str, folder: str) -> str:
    """Return the root template with the URL of each nested template."""
    place = "${Name}-${AWS::AccountId}-${AWS::Region}-artifacts.s3.${AWS::Region}"
    rendered = re.sub(
        r"^( +TemplateURL:) ([\w-]+\.yaml)$",
        rf"\1 !Sub https://{place}.${{AWS::URLSuffix}}/{folder}/\2",
        text,
        flags=re.MULTILINE,
    )
    if any(isinstance(url, str) for url in list_nested(parse(rendered)).values()):
        raise ValueError("a nested stack of main.yaml does not name a template of conf/aws")
    return rendered


def render_settings(release: Release, nodes: int) -> bytes:
    """Return the settings of the runs that the state machine of schedule.yaml starts.

    Parameters
    ----------
    release : Release
        Distribution.
    nodes : int
        Largest number of nodes of a run.

    Returns
    -------
    bytes
        JSON object with ``entry_point`` and ``spark_submit_parameters``.
    """
    run = EmrServerlessRun("-", "-", release, ("export",), "-", nodes=nodes)
    request = build_request(run)
    driver = request["jobDriver"]
    assert isinstance(driver, dict)
    settings = {
        "entry_point": driver["sparkSubmit"]["entryPoint"],
        "spark_submit_parameters": driver["sparkSubmit"]["sparkSubmitParameters"],
    }
    return json.dumps(settings, indent=2).encode()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:_KEY_DIGITS]
