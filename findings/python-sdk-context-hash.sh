#!/usr/bin/env bash
# Daytona's SDK for Python 0.226.1 (PyPI `daytona`): how it computes the hash of a folder. The hash is the name of the upload, which is skipped if an upload of
# that name exists.
#
# Expected: two copies of a folder have the same hash, and the same hash means the same paths and contents. (It was known that modes do not count.)
#
# Observed:
#   two copies, on a file system that lists files in the order of their creation (tmpfs): different hashes
#   a file `v1` with "0", and a file `v` with "10": the same hash
#   an executable bit: the same hash
# The MD5 covers paths and contents one after the other, in the order of `os.walk`. Nothing sorts them, and nothing separates a path from a content. So neither
# equal nor different hashes prove anything about the files, and a changed folder may be built from the upload of an earlier one.
set -euo pipefail
folder="$(mktemp -d)"
memory="$(mktemp -d -p /dev/shm)"
trap 'rm -rf "$folder" "$memory"' EXIT
[ "$(stat -f -c %T "$memory")" = tmpfs ] || { echo "/dev/shm is no tmpfs" >&2; exit 1; }
cd "$folder"
python3 -m venv python
python/bin/pip install -q daytona==0.226.1
cat >hash.py <<'PY'
import os, sys, tempfile
from daytona._sync.object_storage import ObjectStorage
def hashed(folder):
    return ObjectStorage._compute_hash_for_path_md5(object.__new__(ObjectStorage), folder, "app")
def made(*files, where=None):
    folder = tempfile.mkdtemp(dir=where)
    for name, content in files:
        with open(os.path.join(folder, name), "w") as file:
            file.write(content)
    return folder
def said(what, one, other):
    print(f"{what}: {'the same' if one == other else 'another'} hash")
a, b = ("a.txt", "1"), ("b.txt", "2")
said("two copies", hashed(made(a, b, where=sys.argv[1])), hashed(made(b, a, where=sys.argv[1])))
said("other names and contents", hashed(made(("v1", "0"))), hashed(made(("v", "10"))))
plain = made(("run.sh", "exit"))
before = hashed(plain)
os.chmod(os.path.join(plain, "run.sh"), 0o755)
said("an executable bit", before, hashed(plain))
PY
seen="$(TMPDIR="$folder" python/bin/python hash.py "$memory")"
echo "$seen"
[ "$seen" = "two copies: another hash
other names and contents: the same hash
an executable bit: the same hash" ] || { echo "this has changed" >&2; exit 1; }
