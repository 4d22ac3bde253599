#!/bin/sh
# Check that a tool is installed and say how to install it; install Tesseract if permitted.
set -eu

say() {
    echo "safelight: $1" >&2
    exit 1
}

case "$1" in
python)
    "$2" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null ||
        say "Python 3.10 or newer is missing: apt-get install python3 python3-venv, or make PYTHON=..."
    ;;
venv)
    say "Python's venv module is missing: apt-get install python3-venv"
    ;;
java)
    command -v java >/dev/null 2>&1 ||
        say "Java is missing: apt-get install openjdk-17-jdk-headless"
    java -version 2>&1 | grep -Eq 'version "(11|17)\.' ||
        say "Spark 3.5 needs Java 17: apt-get install openjdk-17-jdk-headless, and set JAVA_HOME"
    ;;
maven)
    command -v mvn >/dev/null 2>&1 || say "Maven is missing: apt-get install maven"
    ;;
tesseract)
    command -v tesseract >/dev/null 2>&1 && exit 0
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "installing Tesseract" >&2
        { apt-get update && apt-get install -y --no-install-recommends tesseract-ocr; } \
            >/dev/null 2>&1 && exit 0
    fi
    say "Tesseract is missing: apt-get install tesseract-ocr (as root)"
    ;;
esac
