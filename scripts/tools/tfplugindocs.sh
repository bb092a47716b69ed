#!/usr/bin/env bash
# Builds tfplugindocs, which checks documentation by the rules of the Terraform Registry, through the Go module proxy and prints the path of the binary; a
# second run finds the first one's. `npm run docs:validate` runs it.
# Usage: scripts/tools/tfplugindocs.sh [VERSION]     (kept in $DAYTONA_IAC_TOOLS, default ~/.cache/daytona-iac/tools)
set -euo pipefail
export CGO_ENABLED=0
exec "$(dirname "$0")/go-tool.sh" tfplugindocs "${1:-v0.25.0}" github.com/hashicorp/terraform-plugin-docs/cmd/tfplugindocs
