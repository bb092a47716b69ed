# The same as sdk.mjs through Daytona's SDK for Python.
import json
import os

from daytona import CreateSnapshotParams, Daytona, DaytonaConfig, Image, Resources

daytona = Daytona(DaytonaConfig(api_key=os.environ["KEY"], api_url=os.environ["URL"]))
snapshots = daytona.snapshot


def operation(name, run):
    try:
        print(json.dumps({"operation": name, "result": run()}))
    except Exception as error:
        print(json.dumps({"operation": name, "error": str(error)}))


def image():
    return snapshots.create(CreateSnapshotParams(name="image", image="ubuntu:24.04", resources=Resources(cpu=2))).state.value


def files():
    source = Image.from_dockerfile(os.environ["DOCKERFILE"])
    return snapshots.create(CreateSnapshotParams(name="files", image=source)).state.value


operations = {
    "list": lambda: [item.name for item in snapshots.list(1, 50).items],
    "get": lambda: snapshots.get("seed").id,
    "image": image,
    "files": files,
    "activate": lambda: snapshots.activate(snapshots.get("asleep")).state.value,
    "delete": lambda: snapshots.delete(snapshots.get("seed")),
}
for name in os.environ.get("OPERATIONS", " ".join(operations)).split():
    operation(name, operations[name])
