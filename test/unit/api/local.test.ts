import {
  AmbiguousAnswerError,
  createClient,
  NotFoundError,
  type SnapshotApi,
  type StateEvent,
  UnauthorizedError,
  WrongAddressError,
} from "../../../provider/api";
import { type ConnectionArgs, resolveConnection } from "../../../provider/config";
import { type LocalApi, type LocalApiOptions, startLocalApi } from "../../../provider/local";

/** The client against the embedded API: real sockets, real time, small waits. */
let local: LocalApi;
let clients: SnapshotApi[];

async function start(options: LocalApiOptions = {}): Promise<void> {
  local = await startLocalApi({ pullSeconds: 0.05, buildSeconds: 0.2, cronSeconds: 0.05, ...options });
}
function client(args: ConnectionArgs = {}): SnapshotApi {
  const auth = args.jwtToken ? {} : { apiKey: local.apiKey };
  const connection = resolveConnection({ args: { ...auth, apiUrl: local.apiUrl, ...args }, env: {} });
  const made = createClient(connection, { log: { debug: () => undefined }, random: () => 0.1 });
  clients.push(made);
  return made;
}
beforeEach(() => (clients = []));
afterEach(async () => {
  clients.forEach((one) => one.close());
  await local.close();
});

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(condition()).toBe(true);
}

test.each(["apiKey", "jwt"])("a snapshot's life, with events, by %s", async (kind) => {
  await start();
  const api = client(kind === "jwt" ? { jwtToken: local.jwtToken, organizationId: local.organizationId } : {});
  expect(await api.events.ready(10_000)).toBe(true);
  const heard: StateEvent[] = [];
  api.events.subscribe((event) => heard.push(event));

  const made = await api.create({ name: "app", imageName: "ubuntu:24.04" });
  expect(made).toMatchObject({ name: "app", state: "pending" });
  expect(api.organizationId).toBe(local.organizationId);
  await until(() => heard.some((event) => event.kind === "state" && event.id === made.id && event.state === "active"));
  expect(await api.get("app")).toMatchObject({ id: made.id, state: "active" });

  await api.deactivate(made.id);
  expect(await api.read(made.id)).toMatchObject({ state: "inactive" });
  await expect(api.activate(made.id)).rejects.toThrow(
    "Snapshot deactivation is still in progress. Please try again in a few minutes.",
  );

  await api.delete(made.id);
  await until(() => heard.some((event) => event.kind === "removed" && event.name === "app"));
  await until(() => local.control.snapshot(made.id) === null);
  expect(await api.read(made.id)).toBeNull();
  await expect(api.delete(made.id)).rejects.toThrow(NotFoundError);
  expect((await api.regions()).map((region) => region.id)).toContain("us");
  if (kind === "apiKey") expect((await api.currentKey())?.permissions).toContain("write:snapshots");
});

test("the log of a build, while it runs and after it failed", async () => {
  await start();
  const api = client();
  const made = await api.create({
    name: "built",
    buildInfo: { dockerfileContent: "FROM ubuntu:22.04\nRUN echo hello\n" },
  });
  const lines: string[] = [];
  await api.buildLog(made.id, (line) => lines.push(line));
  expect(lines.join("\n")).toContain("RUN echo hello");
  const pulled = await api.create({ name: "pulled", imageName: "ubuntu:24.04" });
  await expect(api.buildLog(pulled.id, (line) => lines.push(line))).resolves.toBeUndefined();
});

test("a refresh of 1,000, ten at a time, at 20 ms: the pages, once", async () => {
  await start({ latencyMs: 20 });
  const ids = local.control.seed(1000);
  const api = client();
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let id = ids[next++]; id !== undefined; id = ids[next++]) expect((await api.read(id))?.id).toBe(id);
  };
  await Promise.all(Array.from({ length: 10 }, worker));
  // The sixth page is the one that a general snapshot makes.
  expect(local.control.counts()).toMatchObject({ total: 6, list: 6 });
});

test("two of ours among 5,000: four requests at most", async () => {
  await start();
  const ids = local.control.seed(5000);
  const api = client();
  await Promise.all([api.read(ids[4000] ?? ""), api.read(ids[4999] ?? "")]);
  expect(local.control.counts().total).toBeLessThanOrEqual(4);
});

test("a bad key is one failed authentication, however many ask", async () => {
  await start();
  const api = client({ apiKey: "dtn_not_a_key" });
  const results = await Promise.allSettled(Array.from({ length: 200 }, (_, at) => api.get(`s${at}`)));
  expect(results.every((one) => one.status === "rejected" && one.reason instanceof UnauthorizedError)).toBe(true);
  expect(local.control.counts().total).toBe(1);
});

test("lost answers: a create says so, a delete is finished", async () => {
  await start();
  const api = client();
  local.control.fault({ method: "POST", path: "/snapshots", action: "drop-after" });
  await expect(api.create({ name: "lost", imageName: "ubuntu:24.04" })).rejects.toThrow(AmbiguousAnswerError);
  const found = await api.get("lost");
  await until(() => local.control.snapshot("lost")?.state === "active");
  local.control.fault({ method: "DELETE", action: "drop-after" });
  await expect(api.delete(found.id)).resolves.toBeUndefined();
});

test("a limit of requests is waited out", async () => {
  await start({ rateLimit: { limit: 5, seconds: 1 } });
  local.control.seed(20);
  const api = client();
  const all = await Promise.all(
    local.control
      .snapshots()
      .slice(0, 12)
      .map((dto) => api.get(dto.id)),
  );
  expect(all).toHaveLength(12);
});

test("an HTML page in the way is a wrong address, a 502 page is tried again", async () => {
  await start();
  const [id = ""] = local.control.seed(1);
  const api = client();
  local.control.fault({ action: "html", status: 200 });
  await expect(api.get(id)).rejects.toThrow(WrongAddressError);
  local.control.fault({ action: "html", times: 2 });
  await expect(api.get(id)).resolves.toMatchObject({ id });
});
