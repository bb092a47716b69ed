// A program as teams write it for Daytona's SDK: makes tonight's snapshot, activates one that has gone idle, lists page by page, and deletes what is
// old. The test runs it twice, and changes nothing but the package of the first import.
import {
  Daytona,
  DaytonaAuthenticationError,
  DaytonaBadRequestError,
  DaytonaConflictError,
  DaytonaConnectionError,
  DaytonaConnectionTimeoutError,
  DaytonaError,
  DaytonaGoneError,
  DaytonaInternalServerError,
  DaytonaNotFoundError,
  DaytonaRateLimitError,
  DaytonaTimeoutError,
  DaytonaUnprocessableEntityError,
  DaytonaValidationError,
  SOURCE_API,
  SnapshotState,
} from "@daytona/sdk";
import { Image } from "@daytona/sdk";

const { KEY: apiKey, URL: apiUrl, DOCKERFILE, DAYS = "7" } = process.env;
const daytona = new Daytona({ apiKey, apiUrl, target: "us" });
const say = (...words) => console.log(words.join(" "));
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** What a program that tells errors apart by class makes of one. */
function kind(error) {
  if (error instanceof DaytonaConflictError) return `taken ${error.statusCode}`;
  if (error instanceof DaytonaNotFoundError) return `missing ${error.statusCode}`;
  if (error instanceof DaytonaAuthenticationError) return `credentials ${error.statusCode}`;
  if (error instanceof DaytonaRateLimitError) return `slow down ${error.statusCode}`;
  if (error instanceof DaytonaInternalServerError) return `server ${error.statusCode}`;
  if (error instanceof DaytonaGoneError) return `gone ${error.code}`;
  if (error instanceof DaytonaUnprocessableEntityError) return `unprocessable ${error.source === SOURCE_API}`;
  if (error instanceof DaytonaTimeoutError) return `late ${error instanceof DaytonaConnectionTimeoutError}`;
  if (error instanceof DaytonaConnectionError) return "connection";
  if (error instanceof DaytonaBadRequestError)
    return `wrong ${error.statusCode} ${error instanceof DaytonaValidationError}`;
  return error instanceof DaytonaError ? `other ${error.statusCode}` : `unknown ${error}`;
}

async function failing(what, run) {
  try {
    await run();
    say(what, "did not fail");
  } catch (error) {
    say(what, kind(error), error instanceof Error, typeof error.message);
  }
}

/** Creates a snapshot under the first free name. */
async function create(name, image, options) {
  for (let attempt = 1; ; attempt++) {
    const free = attempt === 1 ? name : `${name}-${attempt}`;
    try {
      return await daytona.snapshot.create({ name: free, image, resources: { cpu: 2, memory: 2 } }, options);
    } catch (error) {
      if (!(error instanceof DaytonaConflictError) || attempt === 5) throw error;
      say(free, "is taken");
    }
  }
}

async function all() {
  const found = [];
  for (let page = 1, pages = 1; page <= pages; page++) {
    const { items, total, totalPages, page: shown } = await daytona.snapshot.list(page, 2);
    say("page", shown, "of", totalPages, "has", items.length, "of", total);
    found.push(...items);
    pages = totalPages;
  }
  return found;
}

// Tonight's, from an image and from a Dockerfile with files.
const tonight = await create("nightly", "ubuntu:24.04");
say(tonight.name, tonight.state, tonight.cpu, tonight.mem, tonight.disk, tonight.regionIds, tonight.imageName);
const logs = [];
const built = await create("nightly-built", Image.fromDockerfile(DOCKERFILE), { onLogs: (line) => logs.push(line) });
say(built.name, built.state, built.buildInfo.contextHashes.length, "context");
say(
  logs[0],
  "|",
  logs.at(-1),
  "|",
  logs.some((line) => line.includes("RUN echo building")),
);

// One that has gone idle.
const idle = await daytona.snapshot.get("idle");
say(idle.name, idle.state === SnapshotState.INACTIVE);
let woken = await daytona.snapshot.activate(idle);
while (woken.state !== SnapshotState.ACTIVE) {
  await sleep(50);
  woken = await daytona.snapshot.get(woken.id);
}
say(woken.name, woken.state);

// What goes wrong.
await failing("get", () => daytona.snapshot.get("none"));
await failing("delete", () => daytona.snapshot.delete("none"));
await failing("create", () => daytona.snapshot.create({ name: "nightly", image: "ubuntu:24.04" }));
await failing("latest", () => daytona.snapshot.create({ name: "x", image: "ubuntu:latest" }));
await failing("name", () => daytona.snapshot.create({ name: "a b", image: "ubuntu:24.04" }));
await failing("cpu", () => daytona.snapshot.create({ name: "x", image: "ubuntu:24.04", resources: { cpu: 400 } }));
await failing("gpu", () =>
  daytona.snapshot.create({ name: "x", image: "ubuntu:24.04", resources: { gpu: 2, gpuType: ["H100"] } }),
);
await failing("build", () =>
  daytona.snapshot.create({ name: "broken", image: Image.base("debian:12").runCommands("./broken.sh") }),
);
say("broken", (await daytona.snapshot.get("broken")).state);
await daytona.snapshot.delete("broken");
await failing("gone", () => daytona.snapshot.get("for-good"));
await failing("strict", () => daytona.snapshot.get("too-strict"));
const wrong = new Daytona({ apiKey: "dtn_wrong", apiUrl, target: "us" });
await failing("key", () => wrong.snapshot.list());
await failing("quota", async () => {
  for (let more = 0; ; more++) await daytona.snapshot.create({ name: `more-${more}`, image: "ubuntu:24.04" });
});

// What is old.
const oldest = Date.now() - Number(DAYS) * 24 * 3600 * 1000;
for (const snapshot of await all()) {
  if (snapshot.general || !/^(nightly|more)/.test(snapshot.name)) continue;
  if (new Date(snapshot.createdAt).getTime() > oldest && !snapshot.name.startsWith("more")) continue;
  await daytona.snapshot.delete(snapshot.name.endsWith("old") ? snapshot : snapshot.name);
  say("deleted", snapshot.name);
}
process.exit(0);
