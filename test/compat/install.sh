#!/usr/bin/env bash
# The clients of the compat tests, by exact version, in .cache/compat. What a folder was made from is kept beside it
# (NAME.made-from), so that a second run installs nothing and a changed version installs anew.
# Needs python3 with venv, node with npm, and mvn; the machine's JDK compiles the Java clients.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=$(cd "$here/../.." && pwd)/.cache/compat
mkdir -p "$cache"

need() { command -v "$1" >/dev/null || { echo "install.sh: $1 is not installed (Debian: apt-get install $2)" >&2; exit 1; }; }

# made NAME FILE... COMMAND: runs COMMAND in the new folder NAME unless NAME was made from the same files.
made() {
  local name=$1 from; shift
  from=$(cat "$here/install.sh" "${@:1:$#-1}" | cksum)
  if [ "$(cat "$cache/$name.made-from" 2>/dev/null)" = "$from" ]; then return; fi
  rm -rf "${cache:?}/$name"
  mkdir -p "$cache/$name"
  "${@: -1}" "$cache/$name" >&2
  echo "$from" >"$cache/$name.made-from"
}

python_new() { python3 -m venv "$1" && "$1/bin/pip" install -q --no-input -r "$here/requirements.txt"; }
python_old() { python3 -m venv "$1" && "$1/bin/pip" install -q --no-input -r "$here/requirements-old.txt"; }
node_modules() { cp "$here"/package*.json "$1" && (cd "$1" && npm ci --silent --no-audit --no-fund --ignore-scripts); }
java_classes() {
  mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$1/jars"
  javac -nowarn -cp "$1/jars/*" -d "$1/classes" "$here"/clients/*.java
}

need python3 "python3-venv"; need npm npm; need mvn maven; need javac default-jdk-headless
made python "$here/requirements.txt" python_new
made python-old "$here/requirements-old.txt" python_old
made node "$here/package-lock.json" node_modules
made java "$here/pom.xml" "$here"/clients/*.java java_classes
