#!/usr/bin/env bash
# Installs Daytona's own clients in the versions of docs/guides/clients.md, for test/faces/clients, and prints where they are; a second run finds
# the first one's: `npm`, a folder with node_modules; `python`, a folder with an environment and a folder of packages; `go`, the program of the
# test, built with the client.
# Usage: scripts/tools/clients.sh npm|python|go     (kept in $DAYTONA_IAC_TOOLS, default ~/.cache/daytona-iac/tools)
set -euo pipefail
here="$(cd "$(dirname "$0")/../.." && pwd)"
tools="${DAYTONA_IAC_TOOLS:-$HOME/.cache/daytona-iac/tools}"
once() { # once FOLDER FUNCTION: runs it for a new folder only
  [ -e "$1/complete" ] && return
  rm -rf "$1"
  mkdir -p "$1"
  "$2" "$1" >&2
  touch "$1/complete"
}

npm_clients() {
  npm install --prefix "$1" --no-save --no-audit --no-fund --ignore-scripts --prefer-offline \
    sdk-newest@npm:@daytonaio/sdk@0.218.0 sdk-0.190@npm:@daytonaio/sdk@0.190.1 @daytona/api-client@0.218.0 \
    @daytonaio/api-client@0.220.0 api-client-0.187@npm:@daytonaio/api-client@0.187.0
}
python_clients() {
  python3 -m venv "$1/sdk-0.190.0"
  "$1/sdk-0.190.0/bin/pip" install -q --no-compile daytona==0.190.0
  "$1/sdk-0.190.0/bin/pip" install -q --no-compile --target "$1/api-client-0.231.0" daytona-api-client==0.231.0
}
go_client() {
  CGO_ENABLED=0 GOFLAGS=-mod=readonly go build -C "$here/test/faces/clients/programs/go" -trimpath -ldflags "-s -w" -o "$1/client" .
}

case "${1:-}" in
  npm) folder="$tools/clients-npm-0.218.0"; once "$folder" npm_clients; echo "$folder" ;;
  python) folder="$tools/clients-python-0.190.0"; once "$folder" python_clients; echo "$folder" ;;
  go)
    # The program is part of the repository, so another text of it is another folder.
    folder="$tools/clients-go-$(cat "$here"/test/faces/clients/programs/go/* | sha256sum | cut -c1-12)"
    once "$folder" go_client; echo "$folder/client" ;;
  *) sed -n '/^# Usage/p' "$0" >&2; exit 64 ;;
esac
