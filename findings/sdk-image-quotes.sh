#!/usr/bin/env bash
# `Image` of Daytona's SDKs for TypeScript 0.216.0 (npm `@daytona/sdk`) and Python 0.226.1 (PyPI `daytona`): arguments with a double quote, and a variable with
# two lines.
#
# Expected: the Dockerfile says what the program says. ENTRYPOINT and CMD are JSON, a list of `runCommands` runs with these arguments, and ENV has the value.
# `workdir` and the words of `pipInstall` are quoted, so this was expected of the others too.
#
# Observed, with both SDKs:
#   entrypoint sh -c 'echo "ready"': no JSON
#   cmd echo '"ready"': no JSON
#   a list of runCommands, touch 'a "b"', makes: a \"b\"
#   env with two lines: the second line stands alone
# Docker takes an ENTRYPOINT that is no JSON as a command for a shell, so the build succeeds and the container fails when it starts. The lone line fails the build.
# Solution: write such lines with `dockerfileCommands`.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @daytona/sdk@0.216.0
python3 -m venv python
python/bin/pip install -q daytona==0.226.1
cat >dockerfile.cjs <<'JS'
const { Image } = require("@daytona/sdk");
const image = Image.base("alpine:3.22").runCommands(["touch", 'a "b"']).env({ NOTE: "one\ntwo" });
console.log(image.entrypoint(["sh", "-c", 'echo "ready"']).cmd(["echo", '"ready"']).dockerfile);
JS
cat >dockerfile.py <<'PY'
from daytona import Image
image = Image.base("alpine:3.22").run_commands(["touch", 'a "b"']).env({"NOTE": "one\ntwo"})
print(image.entrypoint(["sh", "-c", 'echo "ready"']).cmd(["echo", '"ready"']).dockerfile())
PY
cat >observed.py <<'PY'
import json, os, subprocess, sys, tempfile
lines = sys.stdin.read().splitlines()
def json_of(instruction):
    text = next(line for line in lines if line.startswith(instruction + " ")).split(" ", 1)[1]
    try:
        return str(json.loads(text))
    except ValueError:
        return "no JSON"
print("entrypoint:", json_of("ENTRYPOINT"))
print("cmd:", json_of("CMD"))
with tempfile.TemporaryDirectory() as folder:
    run = next(line for line in lines if line.startswith("RUN ")).removeprefix("RUN ")
    subprocess.run(["sh", "-c", run], cwd=folder, check=True)
    print("a list of runCommands makes:", *os.listdir(folder))
at = next(at for at, line in enumerate(lines) if line.startswith("ENV "))
print("env:", lines[at], "|", lines[at + 1])
PY
expected='entrypoint: no JSON
cmd: no JSON
a list of runCommands makes: a \"b\"
env: ENV NOTE='"'one | two'"
for sdk in "node dockerfile.cjs" "python/bin/python dockerfile.py"; do
  seen="$($sdk | python3 observed.py)"
  printf '%s\n%s\n' "$sdk" "$seen"
  [ "$seen" = "$expected" ] || { echo "this has changed" >&2; exit 1; }
done
