#!/usr/bin/env bash
# Builds OpenTofu through the Go module proxy and prints the path of the binary; a second run finds the first one's.
# Usage: scripts/tools/opentofu.sh [VERSION]     (kept in $DAYTONA_IAC_TOOLS, default ~/.cache/daytona-iac/tools)
set -euo pipefail
version="${1:-v1.12.6}"
folder="${DAYTONA_IAC_TOOLS:-$HOME/.cache/daytona-iac/tools}/opentofu-$version"
if [ ! -x "$folder/tofu" ]; then
  work="$(mktemp -d)"
  trap 'rm -rf "$work"' EXIT
  cd "$work"
  go mod init tofubuild >&2 2>&1
  # OpenTofu's own `replace` lines do not apply when it is a dependency: they are repeated here.
  gomod="$(go mod download -json "github.com/opentofu/opentofu@$version" | sed -n 's/.*"GoMod": "\(.*\)".*/\1/p')"
  sed -n 's/^replace \(.*\)$/\1/p' "$gomod" | while read -r old oldver arrow new newver; do
    if [ "$oldver" = "=>" ]; then go mod edit -replace "$old=$arrow@$new"; else go mod edit -replace "$old@$oldver=$new@$newver"; fi
  done
  go get "github.com/opentofu/opentofu/cmd/tofu@$version" >&2
  mkdir -p "$folder"
  go build -trimpath -ldflags "-s -w" -o "$folder/tofu.new" github.com/opentofu/opentofu/cmd/tofu >&2
  mv "$folder/tofu.new" "$folder/tofu"
fi
echo "$folder/tofu"
