"""Describe where a cluster finds one version of Safelight."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from jobs.aws.submit.spark_settings import list_image_jars

#: Folder of Safelight in the images of conf/aws/images and on nodes that bootstrap.sh prepares.
IMAGE_FOLDER = "/opt/safelight"


@dataclass(frozen=True)
class Release:
    """Places of one version of Safelight.

    Attributes
    ----------
    entry_point : str
        URI, or path in the image, of ``main.py``.
    environment : str or None
        URI of ``environment.tar.gz``. ``None`` if the machines have the environment in
        :data:`IMAGE_FOLDER`.
    jars : tuple of str
        URIs of the jars of Spark NLP.
    log_settings : str or None
        URI of ``log4j2.properties``, which lets Spark log errors only.
    """

    entry_point: str
    environment: str | None = None
    jars: tuple[str, ...] = ()
    log_settings: str | None = None

    def to_json(self) -> str:
        """Return the release as JSON, the content of ``release.json``."""
        return json.dumps(asdict(self), indent=2) + "\n"


def read_release(text: str) -> Release:
    """Return the release that ``release.json`` describes.

    Parameters
    ----------
    text : str
        Content of the file.

    Raises
    ------
    ValueError
        If the text does not describe a release.
    """
    try:
        found = json.loads(text)
        environment, log_settings = found["environment"], found.get("log_settings")
        return Release(
            entry_point=str(found["entry_point"]),
            environment=None if environment is None else str(environment),
            jars=tuple(map(str, found["jars"])),
            log_settings=None if log_settings is None else str(log_settings),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise ValueError("the file does not describe a release; stage dist/ again") from None


def image_release() -> Release:
    """Return the release of machines whose image holds Safelight."""
    return Release(f"{IMAGE_FOLDER}/main.py", jars=list_image_jars(IMAGE_FOLDER))
