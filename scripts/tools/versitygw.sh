#!/usr/bin/env bash
# Builds versitygw, an S3 server, through the Go module proxy and prints the path of the binary; a second run finds the first one's.
# Usage: scripts/tools/versitygw.sh [VERSION]     (kept in $DAYTONA_IAC_TOOLS, default ~/.cache/daytona-iac/tools)
set -euo pipefail
exec "$(dirname "$0")/go-tool.sh" versitygw "${1:-v1.8.0}" github.com/versity/versitygw/cmd/versitygw
