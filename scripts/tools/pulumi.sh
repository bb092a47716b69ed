#!/usr/bin/env bash
# Builds Pulumi's command line and its host for YAML through the Go module proxy, the hosts for Node.js, Python and Go from
# scripts/tools/pulumi-hosts, and the one for .NET from scripts/tools/pulumi-dotnet (no registry has Pulumi's own), and prints the folder with
# all; a second run finds the first one's. Put it on PATH. Another version than the default one gets the hosts of that one.
# Usage: scripts/tools/pulumi.sh [VERSION]     (kept in $DAYTONA_IAC_TOOLS, default ~/.cache/daytona-iac/tools)
set -euo pipefail
newest="v3.276.0" yaml="v1.25.0" dotnet="v3.106.0"
version="${1:-$newest}"
here="$(cd "$(dirname "$0")" && pwd)"
tools="${DAYTONA_IAC_TOOLS:-$HOME/.cache/daytona-iac/tools}"
folder="$tools/pulumi-$version"
mkdir -p "$folder"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

module() { # module NAME VERSION: a module of our own that depends on Pulumi, in a folder of that name
  mkdir "$work/$1"
  cd "$work/$1"
  go mod init "$1" >&2 2>&1
  # Pulumi's own `replace` lines do not apply when it is a dependency: those to other modules are repeated here.
  local gomod; gomod="$(go mod download -json "github.com/pulumi/pulumi/pkg/v3@$2" | sed -n 's/.*"GoMod": "\(.*\)".*/\1/p')"
  { sed -n 's/^replace \([^(].*\)$/\1/p' "$gomod"; sed -n '/^replace (/,/^)/p' "$gomod" | sed '1d;$d'; } | while read -r old arrow new newver _; do
    if [ "$arrow" = "=>" ] && [ -n "${newver:-}" ]; then go mod edit -replace "$old=$new@$newver"; fi
  done
  go mod edit -require "github.com/pulumi/pulumi/pkg/v3@$2" -require "github.com/pulumi/pulumi/sdk/v3@$2"
}

hosts="$folder/hosts-$(cat "$here"/pulumi-hosts/*.go | cksum | tr -d ' ')"
if [ ! -x "$folder/pulumi" ] || { [ "$version" = "$newest" ] && [ ! -e "$hosts" ]; }; then
  module pulumibuild "$version"
  if [ ! -x "$folder/pulumi" ]; then
    # Without a version, the Automation API refuses the command line.
    go get "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi@$version" >&2
    go build -ldflags "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=$version" -o "$folder/pulumi.new" github.com/pulumi/pulumi/pkg/v3/cmd/pulumi >&2
    mv "$folder/pulumi.new" "$folder/pulumi"
  fi
  if [ "$version" = "$newest" ]; then
    cp -r "$here/pulumi-hosts" hosts
    go build -mod=mod -ldflags "-s -w" -o "$folder/hosts.new" ./hosts >&2
    for language in nodejs python go; do ln -f "$folder/hosts.new" "$folder/pulumi-language-$language"; done
    rm "$folder/hosts.new"
    install -m 755 "$(go list -m -f '{{.Dir}}' github.com/pulumi/pulumi/sdk/v3)/python/cmd/pulumi-language-python-exec" "$folder/pulumi-language-python-exec"
    rm -f "$folder"/hosts-*
    touch "$hosts"
  fi
fi
if [ "$version" != "$newest" ]; then
  from="$("$here/pulumi.sh")"
  for host in "$from"/pulumi-language-*; do ln -sf "$host" "$folder/"; done
  echo "$folder"
  exit
fi
net="$folder/dotnet-$dotnet-$(cksum <"$here/pulumi-dotnet/main.go" | tr -d ' ')"
if [ ! -e "$net" ]; then
  module dotnetbuild "$dotnet"
  cp -r "$here/pulumi-dotnet" host
  go build -mod=mod -ldflags "-s -w" -o "$folder/dotnet.new" ./host >&2
  mv "$folder/dotnet.new" "$folder/pulumi-language-dotnet"
  rm -f "$folder"/dotnet-*
  touch "$net"
fi
if [ ! -e "$folder/yaml-$yaml" ]; then
  GOBIN="$folder/new" go install -ldflags "-s -w" "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml@$yaml" >&2
  mv "$folder/new/pulumi-language-yaml" "$folder/pulumi-language-yaml"
  rmdir "$folder/new"
  rm -f "$folder"/yaml-*
  touch "$folder/yaml-$yaml"
fi
echo "$folder"
