#!/bin/bash
# Install Safelight from a folder that `make dist` has made:
#   install.sh /usr/bin/python3.11 /opt/safelight
# The packages are those of requirements.lock, and pip compares their hashes. The environment has no
# PySpark, which the image brings along.
set -euo pipefail
python="${1:?give the path of the interpreter}"
target="${2:?give the folder to install to}"
dist="$(cd "$(dirname "$0")/.." && pwd)"

cd "$dist"
grep -E ' (requirements\.txt|main\.py|log4j2\.properties|safelight-.*\.whl)$' SHA256SUMS |
    sha256sum --check --strict --quiet
sha256sum --check --strict --quiet jars.sha256

mkdir -p "$target/jars"
"$python" -m venv --without-pip "$target/environment"
environment="$target/environment/bin/python"
install=("$python" -m pip --python "$environment" install --quiet --disable-pip-version-check)
install+=(--no-cache-dir --no-deps)
"${install[@]}" --require-hashes -r requirements.txt
"${install[@]}" safelight-*.whl

# The images have S3A in a version of their own.
for jar in jars/*.jar; do
    case "$(basename "$jar")" in
        hadoop-aws-* | aws-java-sdk-* | wildfly-*) ;;
        *) cp "$jar" "$target/jars/" ;;
    esac
done
cp main.py log4j2.properties "$target/"
chmod -R a+rX "$target"
check='import jobs.cli, nlp_pipelines; from safelight.version import VERSION; print("safelight", VERSION)'
"$environment" -I -c "$check"
