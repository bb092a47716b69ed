#!/usr/bin/env bash
# OpenTofu 1.12.6 (Go module proxy) with a warning about its own configuration, here a TF_CLI_CONFIG_FILE that does not exist. Terraform 1.11.4 is asked for
# comparison.
#
# Expected: a warning is on standard error, so what `show -json` and `state pull` write to standard output is JSON.
#
# Observed, first line with text on standard output:
#   Terraform, show -json: {"format_version":"1.0"
#   OpenTofu, show -json: Warning: Unable to open CLI configuration file
#   Terraform, state pull: {
#   OpenTofu, state pull: Warning: Unable to open CLI configuration file
# The sentence before it, "There are some problems with the CLI configuration", is on standard error in both. So a pipeline that writes `tofu show -json plan` to a
# file has no JSON, and the exit status is 0. Other commands (`output -json`, `version -json`, `plan -json`) do the same.
set -euo pipefail
export CHECKPOINT_DISABLE=1 TF_CLI_CONFIG_FILE=/dev/null
version="$(terraform version -json | sed -n 's/.*"terraform_version": *"\([^"]*\)".*/\1/p')"
[ "$version" = 1.11.4 ] || { echo "this is for Terraform 1.11.4, not $version" >&2; exit 1; }
tofu="$("$(dirname "$0")/../scripts/tools/opentofu.sh" v1.12.6)"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT

first() { # first TOOL COMMAND…: the first line with text that it writes to standard output
  local text
  text="$(cd "$folder/root" && TF_CLI_CONFIG_FILE="$folder/none.tfrc" "$@" 2>/dev/null)"
  awk 'NF && !found { sub(/"format_version":"1.0".*/, "\"format_version\":\"1.0\""); print; found = 1 }' <<<"$text"
}
seen=""
for tool in terraform "$tofu"; do
  rm -rf "$folder/root" && mkdir "$folder/root"
  echo 'resource "terraform_data" "x" {}' >"$folder/root/main.tf"
  (cd "$folder/root" && "$tool" init && "$tool" apply -auto-approve) >/dev/null 2>&1
  name=OpenTofu; [ "$tool" != terraform ] || name=Terraform
  seen+="$name, show -json: $(first "$tool" show -json)
$name, state pull: $(first "$tool" state pull)
"
done
printf '%s' "$seen"
[ "$seen" = 'Terraform, show -json: {"format_version":"1.0"
Terraform, state pull: {
OpenTofu, show -json: Warning: Unable to open CLI configuration file
OpenTofu, state pull: Warning: Unable to open CLI configuration file
' ] || { echo "this has changed" >&2; exit 1; }
