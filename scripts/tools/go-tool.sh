#!/usr/bin/env bash
# Builds a command through the Go module proxy and prints the path of the binary; a second run finds the first one's.
# Usage: scripts/tools/go-tool.sh NAME VERSION PACKAGE     (kept in $DAYTONA_IAC_TOOLS, default ~/.cache/daytona-iac/tools)
set -euo pipefail
name="$1" version="$2" package="$3"
folder="${DAYTONA_IAC_TOOLS:-$HOME/.cache/daytona-iac/tools}/$name-$version"
if [ ! -x "$folder/$name" ]; then
  mkdir -p "$folder"
  work="$(mktemp -d "$folder/build.XXXXXX")"
  trap 'rm -rf "$work"' EXIT
  GOBIN="$work" go install -trimpath -ldflags "-s -w" "$package@$version" >&2
  mv "$work/$name" "$folder/$name"
fi
echo "$folder/$name"
