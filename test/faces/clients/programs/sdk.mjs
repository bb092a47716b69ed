// What a program does with snapshots through Daytona's SDK for TypeScript. PACKAGE is the folder of the package; the rest of the environment
// is what `prepare` of clients.ts sets. Prints a line of JSON for each operation.
import { createRequire } from "node:module";

const { Daytona, Image } = createRequire(import.meta.url)(process.env.PACKAGE);
const daytona = new Daytona({ apiKey: process.env.KEY, apiUrl: process.env.URL });

async function operation(name, run) {
  try {
    console.log(JSON.stringify({ operation: name, result: await run() }));
  } catch (error) {
    console.log(JSON.stringify({ operation: name, error: String(error.message) }));
  }
}

await operation("list", async () => (await daytona.snapshot.list(1, 50)).items.map((item) => item.name));
await operation("get", async () => (await daytona.snapshot.get("seed")).id);
await operation(
  "image",
  async () => (await daytona.snapshot.create({ name: "image", image: "ubuntu:24.04", resources: { cpu: 2 } })).state,
);
await operation(
  "files",
  async () =>
    (await daytona.snapshot.create({ name: "files", image: Image.fromDockerfile(process.env.DOCKERFILE) })).state,
);
await operation("activate", async () => (await daytona.snapshot.activate(await daytona.snapshot.get("asleep"))).state);
await operation("delete", async () => (await daytona.snapshot.delete(await daytona.snapshot.get("seed"))) ?? null);
process.exit(0);
