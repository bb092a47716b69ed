#!/usr/bin/env bash
# Builds crane, which writes image archives and layouts, through the Go module proxy and prints the path of the binary; a second run finds the first one's.
# Usage: scripts/tools/crane.sh [VERSION]     (kept in $DAYTONA_IAC_TOOLS, default ~/.cache/daytona-iac/tools)
set -euo pipefail
export CGO_ENABLED=0
exec "$(dirname "$0")/go-tool.sh" crane "${1:-v0.22.1}" github.com/google/go-containerregistry/cmd/crane
