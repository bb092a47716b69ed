#!/usr/bin/env bash
# Builds Docker's engine, a version that keeps images in containerd's store, through the Go module proxy and prints the path of the binary; a second run
# finds the first one's. It takes minutes, so .ci/run does not do it. Needs the containerd and runc of Debian's docker.io to run.
# Usage: DAYTONA_IAC_DOCKERD="$(scripts/tools/dockerd.sh [VERSION])"     (kept in $DAYTONA_IAC_TOOLS, default ~/.cache/daytona-iac/tools)
set -euo pipefail
export CGO_ENABLED=0
exec "$(dirname "$0")/go-tool.sh" dockerd "${1:-v2.0.0-beta.24}" github.com/moby/moby/v2/cmd/dockerd
