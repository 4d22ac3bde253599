#!/bin/bash
# Install the packages of Amazon Linux 2023 that Safelight needs: Python and Tesseract.
# Both images run it, and a cluster of EMR on EC2 runs it as a bootstrap action:
#   install-packages.sh python3.11
#
# Tesseract comes from the Supplementary Packages for Amazon Linux (Amazon Linux 2023 User Guide,
# "Configure SPAL repository on AL2023"), which need release 2023.9.20251117 or later. The default rules
# do not need it: only `verify --ocr on` and rules that name Tesseract do. Without it, they end with an
# error. Set SAFELIGHT_TESSERACT=no to leave it out.
set -euo pipefail
python="${1:?give the name of the package of Python, such as python3.11}"

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

as_root dnf install -y "$python" "$python-pip"
if [ "${SAFELIGHT_TESSERACT:-yes}" = yes ]; then
    as_root dnf install -y spal-release
    as_root dnf install -y tesseract
    tesseract --version
fi
as_root dnf clean all
"/usr/bin/$python" --version
