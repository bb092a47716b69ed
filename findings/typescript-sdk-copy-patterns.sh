#!/usr/bin/env bash
# Daytona's SDK for TypeScript 0.216.0 (npm `@daytona/sdk`): which files `Image.fromDockerfile` uploads for a COPY with a pattern. The SDK for Python 0.226.1 (PyPI
# `daytona`) is asked for comparison.
#
# Expected: both SDKs upload the files that the pattern matches, as `docker build` would send them.
#
# Observed, in a folder with package.json, package-lock.json and a1.ini (files that are uploaded):
#   COPY package*.json ./              TypeScript: none          Python: package-lock.json package.json
#   COPY package.json package*.json ./ TypeScript: package.json  Python: package-lock.json package.json
#   COPY a?.ini ./                     TypeScript: none          Python: a1.ini
#   COPY "package*.json" ./            both: package-lock.json package.json
#   COPY ["package*.json", "./"]       both: package-lock.json package.json
# The SDK for TypeScript splits the line as a shell would, and then drops the words that are patterns, without a message. The build then fails, or, where another
# file matches as well, succeeds with fewer files. Solution: quote the pattern, or use the JSON form.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @daytona/sdk@0.216.0
python3 -m venv python
python/bin/pip install -q daytona==0.226.1

mkdir context
for file in package.json package-lock.json a1.ini; do echo "$file" >"context/$file"; done
cat >lines <<'LINES'
COPY package*.json ./
COPY package.json package*.json ./
COPY a?.ini ./
COPY "package*.json" ./
COPY ["package*.json", "./"]
LINES
cat >uploaded.cjs <<'JS'
const { readFileSync, writeFileSync } = require("node:fs");
const { Image } = require("@daytona/sdk");
for (const line of readFileSync("lines", "utf8").trim().split("\n")) {
  writeFileSync("context/Dockerfile", `FROM alpine:3.22\n${line}\n`);
  const files = new Set(Image.fromDockerfile("context/Dockerfile").contextList.map(({ archivePath }) => archivePath));
  console.log(`TypeScript, ${line}: ${[...files].sort().join(" ") || "none"}`);
}
JS
cat >uploaded.py <<'PY'
from daytona import Image
for line in open("lines").read().strip().split("\n"):
    with open("context/Dockerfile", "w") as file:
        file.write(f"FROM alpine:3.22\n{line}\n")
    files = {one.archive_path for one in Image.from_dockerfile("context/Dockerfile")._context_list}
    print(f"Python, {line}: {' '.join(sorted(files)) or 'none'}")
PY
seen="$(node uploaded.cjs; python/bin/python uploaded.py)"
echo "$seen"
[ "$seen" = 'TypeScript, COPY package*.json ./: none
TypeScript, COPY package.json package*.json ./: package.json
TypeScript, COPY a?.ini ./: none
TypeScript, COPY "package*.json" ./: package-lock.json package.json
TypeScript, COPY ["package*.json", "./"]: package-lock.json package.json
Python, COPY package*.json ./: package-lock.json package.json
Python, COPY package.json package*.json ./: package-lock.json package.json
Python, COPY a?.ini ./: a1.ini
Python, COPY "package*.json" ./: package-lock.json package.json
Python, COPY ["package*.json", "./"]: package-lock.json package.json' ] || { echo "this has changed" >&2; exit 1; }
