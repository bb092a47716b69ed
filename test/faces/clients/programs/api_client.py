# The same as api-client.mjs through the generated client for Python.
import json
import os
import time

import daytona_api_client as api

configuration = api.Configuration(host=os.environ["URL"])
client = api.ApiClient(configuration, header_name="Authorization", header_value="Bearer " + os.environ["KEY"])
snapshots = api.SnapshotsApi(client)


def operation(name, run):
    try:
        print(json.dumps({"operation": name, "result": run()}))
    except Exception as error:
        print(json.dumps({"operation": name, "error": str(error)}))


def active(body):
    made = snapshots.create_snapshot(body)
    while made.state.value not in ("active", "error", "build_failed"):
        time.sleep(0.1)
        made = snapshots.get_snapshot(made.id)
    return made.state.value


def files():
    assert api.ObjectStorageApi(client).get_push_access().bucket
    build = api.CreateBuildInfo(dockerfile_content="FROM debian:12\nCOPY app /app\n", context_hashes=[os.environ["HASH"]])
    return active(api.CreateSnapshot(name="files", build_info=build))


operation("list", lambda: [item.name for item in snapshots.get_all_snapshots(page=1, limit=50).items])
operation("get", lambda: snapshots.get_snapshot("seed").id)
operation("image", lambda: active(api.CreateSnapshot(name="image", image_name="ubuntu:24.04", cpu=2)))
operation("files", files)
operation("activate", lambda: snapshots.activate_snapshot(snapshots.get_snapshot("asleep").id).state.value)
operation("delete", lambda: snapshots.remove_snapshot(snapshots.get_snapshot("seed").id))
