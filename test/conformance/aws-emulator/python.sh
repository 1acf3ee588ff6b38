#!/bin/sh
# Makes (once) the Python environment of this folder's tests and prints its bin directory.
# usage: python.sh CACHE_DIR
set -eu
here=$(cd "$(dirname "$0")" && pwd)
venv="$1/venv"
stamp="$venv/requirements.txt"
if ! cmp -s "$here/requirements.txt" "$stamp"; then
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt" >&2
  cp "$here/requirements.txt" "$stamp"
fi
echo "$venv/bin"
