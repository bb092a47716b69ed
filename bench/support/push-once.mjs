// Pushes a local image in a process of its own: `node push-once.mjs REGISTRY IMAGE TIMES [EARLIER]`. Prints the names, the time without
// the start of the process, and its peak memory.
import { homedir } from "node:os";
import { systemClock } from "../../dist/lifecycle/call/system-clock.js";
import { pushImage } from "../../dist/lifecycle/publish/image/push-image.js";
import { Pushes } from "../../dist/lifecycle/pushes/pushes.js";
import { readLocalImage } from "../../dist/source/local-image/read-local-image.js";

const [registryUrl, written, times, ...earlier] = process.argv.slice(2);
const silent = () => undefined;
const pushes = new Pushes();
const push = async () =>
  pushImage({
    image: await readLocalImage(written, "/", { env: {}, home: homedir(), platform: process.platform }),
    access: { registryUrl, project: "bench", username: "bench", secret: "bench" },
    clock: systemClock,
    signal: new AbortController().signal,
    log: { debug: silent, progress: silent },
    doing: "pushing",
    pushes,
    earlier,
    env: {},
  });
const begun = performance.now();
const names = await Promise.all(Array.from({ length: Number(times) }, push));
console.log(
  JSON.stringify({ names, pushMs: performance.now() - begun, peakMb: process.resourceUsage().maxRSS / 1024 }),
);
process.exit(0);
