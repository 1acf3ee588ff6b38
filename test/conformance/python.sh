#!/bin/sh
# Makes (once) a Python environment for a folder's tests and prints its bin directory.
# usage: python.sh REQUIREMENTS VENV
set -eu
requirements="$1"
venv="$2"
stamp="$venv/requirements.txt"
if ! cmp -s "$requirements" "$stamp"; then
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements" >&2
  cp "$requirements" "$stamp"
fi
echo "$venv/bin"
