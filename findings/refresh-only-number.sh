#!/usr/bin/env bash
# Terraform 1.11.4 with a provider whose resource has a number; here hashicorp/time 0.14.2, from the Go module proxy.
#
# Expected: `plan -refresh-only -detailed-exitcode` exits with status 0 if it prints "No changes", as OpenTofu 1.12.6 does.
#
# Observed, right after an apply, with nothing changed outside:
#   Terraform, terraform_data (built in, so no plugin protocol): 0
#   Terraform, time_offset: 2
#   OpenTofu, time_offset: 0
# Both print that there are no changes. A pipeline that treats this exit status as drift therefore always sees drift. Without -refresh-only,
# `plan -detailed-exitcode` exits with 0.
set -euo pipefail
version="$(terraform version -json | sed -n 's/.*"terraform_version": *"\([^"]*\)".*/\1/p')"
[ "$version" = 1.11.4 ] || { echo "this is for Terraform 1.11.4, not $version" >&2; exit 1; }
tofu="$("$(dirname "$0")/../scripts/tools/opentofu.sh" v1.12.6)"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
GOBIN="$folder/bin" go install github.com/hashicorp/terraform-provider-time@v0.14.2
cat >cli.tfrc <<RC
provider_installation {
  dev_overrides {
    "hashicorp/time" = "$folder/bin"
  }
  direct {}
}
RC
export CHECKPOINT_DISABLE=1 TF_CLI_CONFIG_FILE="$folder/cli.tfrc"

code() { # code TOOL PROGRAM: the exit code of a refresh-only plan after an apply
  rm -rf work && mkdir work && cd work
  printf '%s\n' "$2" >main.tf
  case "$2" in *terraform_data*) "$1" init >/dev/null ;; esac
  "$1" apply -auto-approve >/dev/null 2>&1
  local status=0
  "$1" plan -refresh-only -detailed-exitcode >plan.txt 2>&1 || status=$?
  grep -q "No changes" plan.txt
  cd ..
  echo "$status"
}
offset='resource "time_offset" "x" { offset_days = 7 }'
seen="Terraform, terraform_data: $(code terraform 'resource "terraform_data" "x" { input = 7 }')
Terraform, time_offset: $(code terraform "$offset")
OpenTofu, time_offset: $(code "$tofu" "$offset")"
echo "$seen"
[ "$seen" = "Terraform, terraform_data: 0
Terraform, time_offset: 2
OpenTofu, time_offset: 0" ] || { echo "this has changed" >&2; exit 1; }
