#!/usr/bin/env bash
# Fetches the drivers of the catalog's comparison into .cache/catalog once: pgjdbc by Maven, SQLAlchemy and psycopg2 by pip.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=$(cd "$here/../../.." && pwd)/.cache/catalog
mkdir -p "$cache"

fresh() { [ -e "$cache/$1" ] && cmp -s "$here/$1" "$cache/$1"; }

if ! fresh requirements.txt; then
  command -v python3 >/dev/null || { echo "install.sh: python3 is not installed (Debian: apt-get install python3 python3-venv)" >&2; exit 1; }
  rm -rf "$cache/python"
  python3 -m venv "$cache/python"
  "$cache/python/bin/pip" install -q --disable-pip-version-check -r "$here/requirements.txt" >&2
  cp "$here/requirements.txt" "$cache/"
fi
if ! fresh pom.xml; then
  command -v mvn >/dev/null || { echo "install.sh: mvn is not installed (Debian: apt-get install maven)" >&2; exit 1; }
  rm -rf "$cache/java"
  mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$cache/java" >&2
  cp "$here/pom.xml" "$cache/"
fi
echo "$cache"
