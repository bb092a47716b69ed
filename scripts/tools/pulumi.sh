#!/usr/bin/env bash
# Builds Pulumi's command line and its host for YAML through the Go module proxy, and the hosts for Node.js, Python and Go from
# scripts/tools/pulumi-hosts (no registry has Pulumi's own), and prints the folder with all; a second run finds the first one's. Put it on PATH.
# Usage: scripts/tools/pulumi.sh [VERSION] [YAML VERSION]     (kept in $DAYTONA_IAC_TOOLS, default ~/.cache/daytona-iac/tools)
set -euo pipefail
version="${1:-v3.274.1}"
yaml="${2:-v1.25.0}"
hosts="$(cd "$(dirname "$0")" && pwd)/pulumi-hosts"
folder="${DAYTONA_IAC_TOOLS:-$HOME/.cache/daytona-iac/tools}/pulumi-$version-yaml-$yaml"
built="$folder/hosts-$(cat "$hosts"/*.go | cksum | tr -d ' ')"
mkdir -p "$folder"
if [ ! -x "$folder/pulumi" ] || [ ! -e "$built" ]; then
  work="$(mktemp -d)"
  trap 'rm -rf "$work"' EXIT
  cd "$work"
  cp -r "$hosts" hosts
  go mod init pulumibuild >&2 2>&1
  # Pulumi's own `replace` lines do not apply when it is a dependency: those to other modules are repeated here.
  gomod="$(go mod download -json "github.com/pulumi/pulumi/pkg/v3@$version" | sed -n 's/.*"GoMod": "\(.*\)".*/\1/p')"
  { sed -n 's/^replace \(.*\)$/\1/p' "$gomod"; sed -n '/^replace (/,/^)/p' "$gomod" | sed '1d;$d'; } | while read -r old arrow new newver _; do
    if [ "$arrow" = "=>" ] && [ -n "${newver:-}" ]; then go mod edit -replace "$old=$new@$newver"; fi
  done
  go get "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi@$version" >&2
  # Without a version, the Automation API refuses the command line.
  [ -x "$folder/pulumi" ] || go build -ldflags "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=$version" -o "$folder/pulumi.new" github.com/pulumi/pulumi/pkg/v3/cmd/pulumi >&2
  [ -x "$folder/pulumi" ] || mv "$folder/pulumi.new" "$folder/pulumi"
  go build -mod=mod -ldflags "-s -w" -o "$folder/hosts.new" ./hosts >&2
  for language in nodejs python go; do ln -f "$folder/hosts.new" "$folder/pulumi-language-$language"; done
  rm "$folder/hosts.new"
  install -m 755 "$(go list -m -f '{{.Dir}}' github.com/pulumi/pulumi/sdk/v3)/python/cmd/pulumi-language-python-exec" "$folder/pulumi-language-python-exec"
  rm -f "$folder"/hosts-*
  touch "$built"
fi
if [ ! -x "$folder/pulumi-language-yaml" ]; then
  GOBIN="$folder/new" go install -ldflags "-s -w" "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml@$yaml" >&2
  mv "$folder/new/pulumi-language-yaml" "$folder/pulumi-language-yaml"
  rmdir "$folder/new"
fi
echo "$folder"
