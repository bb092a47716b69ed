# The same as sdk.py through the asynchronous client.
import asyncio
import json
import os

from daytona import AsyncDaytona, CreateSnapshotParams, DaytonaConfig, Image, Resources


async def main():
    async with AsyncDaytona(DaytonaConfig(api_key=os.environ["KEY"], api_url=os.environ["URL"])) as daytona:
        snapshots = daytona.snapshot

        async def names():
            return [item.name for item in (await snapshots.list(1, 50)).items]

        async def get():
            return (await snapshots.get("seed")).id

        async def image():
            params = CreateSnapshotParams(name="image", image="ubuntu:24.04", resources=Resources(cpu=2))
            return (await snapshots.create(params)).state.value

        async def files():
            source = Image.from_dockerfile(os.environ["DOCKERFILE"])
            return (await snapshots.create(CreateSnapshotParams(name="files", image=source))).state.value

        async def activate():
            return (await snapshots.activate(await snapshots.get("asleep"))).state.value

        async def delete():
            await snapshots.delete(await snapshots.get("seed"))

        operations = {"list": names, "get": get, "image": image, "files": files, "activate": activate, "delete": delete}
        for name in os.environ.get("OPERATIONS", " ".join(operations)).split():
            try:
                print(json.dumps({"operation": name, "result": await operations[name]()}))
            except Exception as error:
                print(json.dumps({"operation": name, "error": str(error)}))


asyncio.run(main())
