#!/usr/bin/env bash
# Builds versitygw, an S3 server, through the Go module proxy and prints the path of the binary; a second run finds the first one's.
# Usage: scripts/tools/versitygw.sh [VERSION]     (kept in $DAYTONA_IAC_TOOLS, default ~/.cache/daytona-iac/tools)
set -euo pipefail
version="${1:-v1.8.0}"
folder="${DAYTONA_IAC_TOOLS:-$HOME/.cache/daytona-iac/tools}/versitygw-$version"
if [ ! -x "$folder/versitygw" ]; then
  mkdir -p "$folder"
  work="$(mktemp -d "$folder/build.XXXXXX")"
  trap 'rm -rf "$work"' EXIT
  GOBIN="$work" go install -trimpath -ldflags "-s -w" "github.com/versity/versitygw/cmd/versitygw@$version" >&2
  mv "$work/versitygw" "$folder/versitygw"
fi
echo "$folder/versitygw"
