// The same as sdk.mjs through the generated client of the API, which neither waits nor uploads: the files are in the storage already.
import { createRequire } from "node:module";

const { Configuration, ObjectStorageApi, SnapshotsApi } = createRequire(import.meta.url)(process.env.PACKAGE);
const configuration = new Configuration({
  basePath: process.env.URL,
  baseOptions: { headers: { Authorization: `Bearer ${process.env.KEY}` } },
});
const snapshots = new SnapshotsApi(configuration);
const storage = new ObjectStorageApi(configuration);

async function operation(name, run) {
  try {
    console.log(JSON.stringify({ operation: name, result: await run() }));
  } catch (error) {
    console.log(JSON.stringify({ operation: name, error: String(error.message) }));
  }
}
const get = async (idOrName) => (await snapshots.getSnapshot(idOrName)).data;
async function active(body) {
  let made = (await snapshots.createSnapshot(body)).data;
  while (!["active", "error", "build_failed"].includes(made.state)) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    made = await get(made.id);
  }
  return made.state;
}

await operation("list", async () =>
  (await snapshots.getAllSnapshots(undefined, 1, 50)).data.items.map((item) => item.name),
);
await operation("get", async () => (await get("seed")).id);
await operation("image", () => active({ name: "image", imageName: "ubuntu:24.04", cpu: 2 }));
await operation("files", async () => {
  const { bucket } = (await storage.getPushAccess()).data;
  if (!bucket) throw new Error("no bucket");
  const dockerfileContent = "FROM debian:12\nCOPY app /app\n";
  return active({ name: "files", buildInfo: { dockerfileContent, contextHashes: [process.env.HASH] } });
});
await operation("activate", async () => (await snapshots.activateSnapshot((await get("asleep")).id)).data.state);
await operation("delete", async () => (await snapshots.removeSnapshot((await get("seed")).id)) && null);
