#!/usr/bin/env bash
# Installs Pulumi's newest SDK for Node.js, which needs Node.js 22 or later, from npm and prints the folder with its node_modules; a second run
# finds the first one's. The tests of programs in Node.js use it instead of the repository's where DAYTONA_IAC_PULUMI_SDK names the folder.
# Usage: scripts/tools/pulumi-sdk.sh [VERSION]     (kept in $DAYTONA_IAC_TOOLS, default ~/.cache/daytona-iac/tools)
set -euo pipefail
version="${1:-3.276.0}"
folder="${DAYTONA_IAC_TOOLS:-$HOME/.cache/daytona-iac/tools}/pulumi-sdk-$version"
if [ ! -e "$folder/complete" ]; then
  rm -rf "$folder"
  mkdir -p "$folder"
  npm install --prefix "$folder" --no-save --no-audit --no-fund --ignore-scripts --engine-strict=false "@pulumi/pulumi@$version" >&2
  touch "$folder/complete"
fi
echo "$folder"
