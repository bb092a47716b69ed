import type { Clock, Transfer } from "../../../../../provider/lifecycle/contract";
import { Failure } from "../../../../../provider/lifecycle/call/errors";
import { systemClock } from "../../../../../provider/lifecycle/call/system-clock";
import { pushImage } from "../../../../../provider/lifecycle/publish/image/push-image";
import type { ImageEngine } from "../../../../../provider/source/local-image/engine/image-engine";
import { type FakeRegistry, serveRegistry } from "./registry";

const ACCESS = { username: "planted-user", secret: "planted-password", project: "daytona" };
const never = (): Promise<never> => new Promise(() => undefined);

/** An engine that fails as no real one does on demand. The real one is in `local-image.test.ts`. */
let calls: unknown[][];
let registry: FakeRegistry;
beforeEach(async () => {
  calls = [];
  registry = await serveRegistry();
});
afterEach(() => registry.close());

interface Heard {
  debug: string[];
  transfers: Transfer[];
}
const heard = (): Heard => ({ debug: [], transfers: [] });

function push(
  faults: Partial<ImageEngine> = {},
  more: { signal?: AbortSignal; clock?: Partial<Clock>; heard?: Heard } = {},
): Promise<string> {
  const engine: ImageEngine = {
    where: "the engine at unix:///engine.sock",
    tag: (...args) => (calls.push(["tag", ...args]), faults.tag?.(...args) ?? Promise.resolve()),
    untag: (...args) => (calls.push(["untag", ...args]), faults.untag?.(...args) ?? Promise.resolve()),
    push: (name, auth, signal, onProgress) => (
      calls.push(["push", name, auth]),
      faults.push?.(name, auth, signal, onProgress) ?? Promise.resolve()
    ),
  };
  const log = {
    debug: (line: string) => void more.heard?.debug.push(line),
    progress: () => undefined,
    transfer: (it: Transfer) => void more.heard?.transfers.push(it),
  };
  return pushImage({
    image: { written: "agent:dev", hash: `v2:${"a".repeat(64)}`, content: { kind: "engine", engine, id: "sha256:1" } },
    access: { ...ACCESS, registryUrl: `http://${registry.host}` },
    clock: { ...systemClock, ...more.clock },
    signal: more.signal ?? new AbortController().signal,
    log,
    doing: 'creating snapshot "agent"',
    env: {},
  });
}
const failure = async (pushed: Promise<string>): Promise<string> => {
  const error: unknown = await pushed.then(
    () => null,
    (it: unknown) => it,
  );
  if (!(error instanceof Failure)) throw error ?? new Error("the push succeeded");
  expect(JSON.stringify(error.notice)).not.toMatch(/planted-/);
  expect(error.notice.attribute).toEqual(["localImage"]);
  return `${error.notice.summary}\n${error.notice.detail}`.replaceAll(registry.host, "REGISTRY");
};
const refusing =
  (text: string, fields: object = {}) =>
  () =>
    Promise.reject(Object.assign(new Error(text), fields));
const names = (): unknown[] => calls.map(([name]) => name);

test("the image is tagged for the registry, pushed with the credentials for its host alone, and untagged", async () => {
  const name = await push();
  expect(name).toMatch(new RegExp(`^${registry.host}/daytona/agent-\\d{17}:v2-a{64}$`));
  const [, repository, tag] = /^(.*):(v2-.*)$/.exec(name)!;
  expect(calls).toEqual([
    ["tag", "sha256:1", { repository, tag }],
    ["push", name, { username: ACCESS.username, password: ACCESS.secret, serveraddress: registry.host }],
    ["untag", name],
  ]);
});

test.each([
  [
    { statusCode: 404 },
    'The image "agent:dev" was removed from the engine at unix:///engine.sock after it was read. Build or pull it again.',
  ],
  [{ statusCode: 500 }, 'the engine at unix:///engine.sock could not tag "agent:dev": a reason.'],
])("an image that cannot be tagged (%j) is not pushed", async (fields, detail) => {
  expect(await failure(push({ tag: refusing("a reason", fields) }))).toBe(
    `creating snapshot "agent": cannot tag the local image\n${detail}`,
  );
  expect(names()).toEqual(["tag"]);
  expect(registry.seen).toEqual([]);
});

test.each([
  [
    "denied: requested access for planted-user:planted-password",
    "the registry denied the push",
    "denied: requested access for [redacted]:[redacted]",
    "Ask the operator of the Daytona server to check the credentials of its transient registry.",
  ],
  [
    "write /var: no space left on device",
    "the push failed",
    "write /var: no space left on device",
    "Free disk space on the machine of the engine (`docker system df` shows what uses it), then try again.",
  ],
  [
    "dial tcp: connection refused",
    "the push failed",
    "dial tcp: connection refused",
    "Check that the engine can reach REGISTRY: engines have their own proxy settings and certificates.",
  ],
  [
    'Get "https://r/v2/": http: server gave HTTP response to HTTPS client',
    "the push failed",
    'Get "https://r/v2/": http: server gave HTTP response to HTTPS client',
    'The engine expects HTTPS, but REGISTRY does not support it. Allow HTTP: with `insecure = true` for a [[registry]] in /etc/containers/registries.conf (Podman), or in `insecure-registries` of /etc/docker/daemon.json (Docker). Or write the image to an archive and use "oci-archive:FILE", which needs no engine.',
  ],
  [
    "x509: signed by unknown authority",
    "the push failed",
    "x509: signed by unknown authority",
    'The engine does not trust the certificate of REGISTRY. Put its authority into /etc/containers/certs.d/REGISTRY/ca.crt (Podman) or /etc/docker/certs.d/REGISTRY/ca.crt (Docker). Or write the image to an archive and use "oci-archive:FILE", which needs no engine.',
  ],
])(
  "what the engine says is told without credentials, with what to do, and the tag is removed: %s",
  async (said, headline, shown, next) => {
    expect(await failure(push({ push: refusing(said) }))).toBe(
      `creating snapshot "agent": ${headline}\nThe engine at unix:///engine.sock could not push "agent:dev" to REGISTRY: ${shown}.\n${next}\nNo snapshot was created.`,
    );
    expect(names()).toEqual(["tag", "push", "untag"]);
  },
);

test("a tag that stays is told in the log, and is no failure; one whose removal hangs is left after a second", async () => {
  const told = heard();
  const name = await push({ untag: refusing("in use") }, { heard: told });
  expect(told.debug).toEqual([`the tag ${name} stays in the engine at unix:///engine.sock: in use`]);
  const slept: number[] = [];
  const clock = { sleep: (ms: number, signal?: AbortSignal) => (slept.push(ms), systemClock.sleep(1, signal)) };
  expect(await push({ untag: never }, { clock })).toContain("/daytona/agent-");
  expect(slept).toEqual([1_000]);
});

test("an interrupt ends the push with its own reason, and the tag is removed", async () => {
  const stop = new AbortController();
  const interrupted = (): Promise<void> => {
    stop.abort(new Error("interrupted"));
    return Promise.reject(new Error("torn"));
  };
  await expect(push({ push: interrupted }, { signal: stop.signal })).rejects.toThrow("interrupted");
  expect(names()).toEqual(["tag", "push", "untag"]);
  calls = [];
  await expect(push({}, { signal: stop.signal })).rejects.toThrow("interrupted");
  expect(calls).toEqual([]);
});

test("progress is the sum of the layers, each as it was told last", async () => {
  let now = 0;
  const told = heard();
  const telling: ImageEngine["push"] = async (_name, _auth, _signal, onProgress) => {
    for (const [id, current, total] of [
      ["a", 1, 10],
      ["b", 5, 20],
      ["a", 10, 10],
    ] as const) {
      now += 1_000;
      onProgress({ id, current, total });
    }
  };
  await push({ push: telling }, { heard: told, clock: { now: () => now } });
  expect(told.transfers).toEqual([
    { doing: "pushing the local image", sentBytes: 1, totalBytes: 10, bytesPerSecond: 1 },
    { doing: "pushing the local image", sentBytes: 6, totalBytes: 30, bytesPerSecond: 3 },
    { doing: "pushing the local image", sentBytes: 15, totalBytes: 30, bytesPerSecond: 5 },
  ]);
});
