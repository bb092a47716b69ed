import * as http from "node:http";
import { connect, type AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { systemClock } from "../../../../provider/lifecycle";
import { pushImage } from "../../../../provider/lifecycle/publish/image/push-image";
import { type FakeRegistry, serveRegistry } from "./image/registry";
import { archiveOf, failureOf, upload } from "./support";

/** A proxy that leads every address to one host, or nowhere. */
let proxy: http.Server;
let asked: string[];
let leadsTo: number | null;
let registry: FakeRegistry;
beforeEach(async () => {
  [asked, leadsTo] = [[], null];
  registry = await serveRegistry();
  proxy = http.createServer().on("connect", (request: http.IncomingMessage, socket: Duplex) => {
    asked.push(`${request.url!} ${String(request.headers["proxy-authorization"])}`);
    if (leadsTo === null) return void socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    const through = connect(
      leadsTo,
      "127.0.0.1",
      () => (socket.write("HTTP/1.1 200 OK\r\n\r\n"), through.pipe(socket).pipe(through)),
    );
    for (const end of [through, socket]) end.on("error", () => (through.destroy(), socket.destroy()));
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  proxy.closeAllConnections();
  proxy.close();
  await registry.close();
});
const address = (login = ""): string => `http://${login}127.0.0.1:${(proxy.address() as AddressInfo).port}`;

function push(registryUrl: string, env: Record<string, string>, debug: string[] = []): Promise<string> {
  const clock = { ...systemClock, sleep: () => Promise.resolve() };
  return pushImage({
    image: {
      written: "oci:agent",
      hash: `v2:${"a".repeat(64)}`,
      content: { kind: "archive", config: Buffer.from("{}"), manifest: null, layers: [] },
    },
    access: { username: "planted-user", secret: "planted-password", project: "daytona", registryUrl },
    clock,
    signal: new AbortController().signal,
    log: { debug: (line) => void debug.push(line), progress: () => undefined },
    doing: 'creating snapshot "agent"',
    env,
  });
}

test("an upload goes through the proxy of its scheme, with the proxy's own password, which is not told", async () => {
  for (const [variable, storage, target] of [
    ["HTTPS_PROXY", "https://storage.test", "storage.test:443"],
    ["HTTP_PROXY", "http://storage.test:9000", "storage.test:9000"],
  ] as const) {
    asked = [];
    const { detail } = await failureOf(
      upload(storage, [archiveOf(10)], { env: { [variable]: address("who:planted-password@") } }).done,
    );
    expect([...new Set(asked)]).toEqual([`${target} Basic ${Buffer.from("who:planted-password").toString("base64")}`]);
    expect(detail).toMatch(
      new RegExp(
        `^${new URL(storage).host} \\(through the proxy ${new URL(address()).host}\\) returned 502 .* after 6 attempts\\.\nTry again later\\.$`,
      ),
    );
    expect(detail).not.toContain("planted-password");
  }
});

test("a proxy that is not there is named, with what to check", async () => {
  const { detail } = await failureOf(
    upload("https://storage.test", [archiveOf(10)], { env: { https_proxy: "http://who:planted-password@127.0.0.1:9" } })
      .done,
  );
  expect(detail).toMatch(
    /^The build context could not be uploaded to storage\.test through the proxy 127\.0\.0\.1:9 after 6 attempts: ECONNREFUSED.*\.\nThe API named this address\. Check that this machine can reach it, and that the proxy allows it \(NO_PROXY lists hosts to reach directly\)\.$/,
  );
  expect(detail).not.toContain("planted-password");
});

test("a push goes through the proxy, too", async () => {
  leadsTo = Number(registry.host.split(":")[1]);
  expect(await push("http://registry.test", { HTTP_PROXY: address() })).toMatch(/^registry\.test\/daytona\/agent-/);
  expect([...new Set(asked)]).toEqual(["registry.test:80 undefined"]);
  expect(registry.seen.map(({ method }) => method)).toEqual(["POST", "PUT", "PUT", "HEAD"]);
});

test("a push past a proxy that cannot be used is refused, and nothing is sent", async () => {
  expect(await failureOf(push("http://registry.test", { HTTP_PROXY: "socks5://planted-password@p" }))).toEqual({
    summary: 'creating snapshot "agent": the proxy cannot be used',
    attribute: ["localImage"],
    detail:
      "HTTP_PROXY begins with socks5://, a kind of proxy that is not supported. Set it to the address of an HTTP proxy, such as http://proxy.example:3128, or add the host to NO_PROXY.\nNo snapshot was created.",
  });
  expect(registry.seen).toEqual([]);
});

test("a registry that took the image and cannot be asked for it any more has it", async () => {
  registry.answer = (request) => {
    if (request.method === "HEAD" && request.url!.includes("/manifests/")) request.socket.destroy();
    return null;
  };
  const debug: string[] = [];
  expect(await push(`http://${registry.host}`, {}, debug)).toContain("/daytona/agent-");
  expect(debug).toEqual([
    expect.stringMatching(new RegExp(`^the pushed image could not be read back from ${registry.host}: `)),
  ]);
});

test("an upload that is ended before it begins asks for nothing", async () => {
  const access = jest.fn(() => Promise.reject(new Error("asked")));
  await expect(
    upload("", [archiveOf(10)], { access, signal: AbortSignal.abort(new Error("stopped")) }).done,
  ).rejects.toThrow("stopped");
  expect(access).not.toHaveBeenCalled();
});
