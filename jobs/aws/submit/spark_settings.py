"""Read the settings of Spark on AWS, and write them as arguments of ``spark-submit``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files

from jobs.common.spark.settings_file import read_conf

#: Jars of Delta on EMR 7, on EC2, EKS and Serverless (EMR Serverless User Guide, "Using Delta Lake
#: OSS with EMR Serverless").
DELTA_JARS = (
    "/usr/share/aws/delta/lib/delta-spark.jar",
    "/usr/share/aws/delta/lib/delta-storage.jar",
)

#: File with the names of the jars of the text model, one a line.
_TEXT_JARS = "text-jars.txt"

_SECRET_NAME = re.compile(r"secret|password|passwd|token|access\.?key|credential", re.IGNORECASE)
#: Names of classes that find credentials.
_PROVIDER_SUFFIX = "provider"
#: Characters that one parser of ``sparkSubmitParameters`` may read in another way than the next.
_AMBIGUOUS = re.compile(r"[\s'\"\\]")


def read_settings(platform: str) -> dict[str, str]:
    """Return the settings of conf/spark for a platform.

    Parameters
    ----------
    platform : str
        Name of a file without extension, such as ``emr-serverless``.
    """
    return read_conf(files("conf") / "spark" / f"{platform}.conf")


def list_image_jars(folder: str) -> tuple[str, ...]:
    """Return the URIs of the jars of the text model in an image.

    Spark reads jars of the scheme ``local`` in place; others would travel from the driver to each
    executor.

    Parameters
    ----------
    folder : str
        Folder of Safelight in the image.
    """
    lines = (files("conf") / "spark" / _TEXT_JARS).read_text(encoding="utf-8").splitlines()
    names = (line for line in lines if line and not line.startswith("#"))
    return tuple(f"local://{folder}/jars/{name}" for name in names)


def check_settings(settings: Mapping[str, str]) -> None:
    """Check settings of the user, which everyone who can describe the run can read.

    Parameters
    ----------
    settings : mapping of str
        Settings of Spark by name.

    Raises
    ------
    ValueError
        If a name is that of a secret or no setting of Spark, or a value cannot be in a request.
    """
    for name, value in settings.items():
        if not re.fullmatch(r"spark\.[\w.\-]+", name):
            raise ValueError("settings of Spark have the form spark.NAME=VALUE")
        if _SECRET_NAME.search(name) and not name.endswith(_PROVIDER_SUFFIX):
            raise ValueError(
                f"the setting {name} names a secret, which the request of a run must not hold; "
                "give the role of the run a permission instead"
            )
        if not value or _AMBIGUOUS.search(value):
            raise ValueError(
                f"the value of the setting {name} is empty or has spaces, quotes or backslashes, "
                "which a request cannot hold"
            )


def join_settings(settings: Mapping[str, str]) -> str:
    """Return settings as one string of arguments of ``spark-submit``.

    Parameters
    ----------
    settings : mapping of str
        Settings of Spark by name.
    """
    return " ".join(list_arguments(settings))


def list_arguments(settings: Mapping[str, str]) -> list[str]:
    """Return settings as arguments of ``spark-submit``, sorted by name.

    Parameters
    ----------
    settings : mapping of str
        Settings of Spark by name.
    """
    return [word for name in sorted(settings) for word in ("--conf", f"{name}={settings[name]}")]
