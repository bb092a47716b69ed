#!/usr/bin/env bash
# Daytona's SDK for Python 0.226.1 (PyPI `daytona`): what the hash of a folder says, by which its upload is named, and skipped where one of that name is there.
#
# Guess before: two copies of a folder have one hash, and one hash means the same paths and contents. (That modes do not count was known.)
#
# Seen:
#   two copies, on a file system that lists a folder in the order of its making (tmpfs): another hash
#   a file `v1` with "0", and a file `v` with "10": the same hash
#   an executable bit: the same hash
# The MD5 goes over paths and contents one after the other, as `os.walk` lists them: nothing sorts them, and nothing separates a path from a
# content. So neither equal nor different hashes prove anything of the files, and a changed folder can be built from the upload of an earlier one.
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
