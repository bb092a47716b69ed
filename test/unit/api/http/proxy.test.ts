import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { createClient } from "../../../../provider/api";
import { ProxyError, proxyFor } from "../../../../provider/api/http/proxy";
import { connect } from "../server";

const target = new URL("https://api.example.test/api");

test.each([
  [{ HTTPS_PROXY: "http://p:3128" }, "http://p:3128/"],
  [{ https_proxy: "http://low:1", HTTPS_PROXY: "http://up:1" }, "http://low:1/"],
  [{ HTTP_PROXY: "http://p:3128" }, null],
  [{ ALL_PROXY: "p:3128" }, "http://p:3128/"],
  [{ HTTPS_PROXY: "http://p", NO_PROXY: "*" }, null],
  [{ HTTPS_PROXY: "http://p", NO_PROXY: "other.test, .example.test" }, null],
  [{ HTTPS_PROXY: "http://p", no_proxy: "example.test:443" }, null],
  [{ HTTPS_PROXY: "http://p", NO_PROXY: "example.test:8443,ample.test" }, "http://p/"],
])("%j proxies through %s", (env: Record<string, string>, expected) => {
  expect(proxyFor(target, env)?.href ?? null).toBe(expected);
});

const HELP = "Set it to the address of an HTTP proxy, such as http://proxy.example:3128, or add the host to NO_PROXY";
const unusable: [Record<string, string>, string][] = [
  [{ ALL_PROXY: "socks5://p:1080" }, "ALL_PROXY begins with socks5://, a kind of proxy that is not supported"],
  [
    { HTTPS_PROXY: "socks5h://user:pa55word@p:1080" },
    "HTTPS_PROXY begins with socks5h://, a kind of proxy that is not supported",
  ],
  [
    { https_proxy: "SOCKS4://p", HTTPS_PROXY: "http://p" },
    "https_proxy begins with socks4://, a kind of proxy that is not supported",
  ],
  [{ all_proxy: "ftp://p" }, "all_proxy begins with ftp://, a kind of proxy that is not supported"],
  [{ HTTPS_PROXY: "file:///p" }, "HTTPS_PROXY begins with file://, a kind of proxy that is not supported"],
  [{ HTTPS_PROXY: "::nonsense::" }, "HTTPS_PROXY is not the address of a proxy"],
  [{ HTTPS_PROXY: "http://" }, "HTTPS_PROXY is not the address of a proxy"],
  [{ HTTPS_PROXY: "http://p:99999" }, "HTTPS_PROXY is not the address of a proxy"],
  [{ HTTPS_PROXY: "http://[::1" }, "HTTPS_PROXY is not the address of a proxy"],
  [{ HTTPS_PROXY: "two words" }, "HTTPS_PROXY is not the address of a proxy"],
  [{ HTTPS_PROXY: "socks5:p:1080" }, "HTTPS_PROXY is not the address of a proxy"],
  [{ HTTPS_PROXY: "http://us%er:pa55word@p:1" }, "HTTPS_PROXY is not the address of a proxy"],
  [{ HTTPS_PROXY: "https//p:3128" }, "HTTPS_PROXY has more than the host and port of a proxy"],
  [{ HTTPS_PROXY: "http://p:3128/path" }, "HTTPS_PROXY has more than the host and port of a proxy"],
  [{ HTTPS_PROXY: "http://p:3128?a" }, "HTTPS_PROXY has more than the host and port of a proxy"],
];
test.each(unusable)("%j is an error that names the variable, and not its value", (env, what) => {
  const thrown = (url: string): string => {
    try {
      return String(proxyFor(new URL(url), env)?.href ?? null);
    } catch (error) {
      expect(error).toBeInstanceOf(ProxyError);
      return (error as Error).message;
    }
  };
  expect(thrown(target.href)).toBe(`${what}. ${HELP}`);
  expect(thrown(target.href)).not.toContain("pa55word");
  // What does not go through a proxy does not mind.
  expect(thrown("https://localhost/x")).toBe("null");
});

test("NO_PROXY leaves a host out, whatever the proxy is; a variable of blanks is none", () => {
  expect(proxyFor(target, { HTTPS_PROXY: "socks5://p", NO_PROXY: "example.test" })).toBeNull();
  expect(proxyFor(target, { HTTPS_PROXY: " ", ALL_PROXY: "" })).toBeNull();
  expect(proxyFor(target, { https_proxy: " ", HTTPS_PROXY: " http://p:1 " })?.href).toBe("http://p:1/");
  expect(proxyFor(new URL("wss://api.example.test"), { HTTPS_PROXY: "http://p:1" })?.href).toBe("http://p:1/");
  expect(proxyFor(new URL("http://api.example.test"), { HTTPS_PROXY: "socks5://p" })).toBeNull();
});

test("the client sends nothing past a proxy that it cannot use, and says so once; the socket does not connect either", async () => {
  const log: string[] = [];
  const api = createClient(connect("https://api.example.test/api"), {
    log: { debug: (line) => void log.push(line) },
    env: { HTTPS_PROXY: "socks5://user:pa55word@p:1080" },
    random: () => 0,
  });
  for (const call of [api.get("x"), api.create({ name: "x" } as never), api.delete("x")]) {
    await expect(call).rejects.toMatchObject({
      name: "UnreachableError",
      message: expect.stringMatching(
        /^cannot reach the Daytona API at api\.example\.test for (GET|POST|DELETE) \/snapshots(\/x)?: HTTPS_PROXY begins with socks5:\/\/, a kind of proxy that is not supported\. Set it to/,
      ) as unknown,
    });
  }
  expect(await api.events.ready(5000)).toBe(false);
  expect(log.join("\n")).toContain("events: no events: HTTPS_PROXY begins with socks5://");
  expect(log.join("\n")).not.toMatch(/attempt 2|pa55word/);
  api.close();
});

test("loopback is never proxied; address blocks are honoured", () => {
  const env = { HTTP_PROXY: "http://p", NO_PROXY: "10.0.0.0/8,[fd00::1]" };
  const via = (url: string): string | null => proxyFor(new URL(url), env)?.host ?? null;
  expect(
    ["http://localhost:1", "http://127.0.0.9", "http://[::1]:80", "http://10.1.2.3", "http://[fd00::1]/"].map(via),
  ).toEqual([null, null, null, null, null]);
  expect(["http://11.1.2.3", "http://[fd00::2]/"].map(via)).toEqual(["p", "p"]);
});

// The cases of Go's own test of NO_PROXY, said anew: whether a host goes through the proxy.
const list =
  "example.com, .sub-only.test, *.star.test, exact.test:8080, 192.0.2.0/24, 2001:db8::/32, 198.51.100.7, 198.51.100.9:81, [2001:db9::5]:443, münchen.test";
test.each([
  ["http://example.com/", false],
  ["http://www.example.com/", false],
  ["http://EXAMPLE.com/", false],
  ["http://badexample.com/", true],
  ["http://example.com.evil/", true],
  ["http://sub-only.test/", true],
  ["http://a.sub-only.test/", false],
  ["http://star.test/", true],
  ["http://a.b.star.test/", false],
  ["http://exact.test/", true],
  ["http://exact.test:8080/", false],
  ["http://a.exact.test:8080/", false],
  ["http://exact.test:8081/", true],
  ["http://192.0.2.255/", false],
  ["http://192.0.3.1/", true],
  ["http://[2001:db8:1::1]/", false],
  ["http://[2001:db7::1]/", true],
  ["http://198.51.100.7:99/", false],
  ["http://198.51.100.8/", true],
  ["http://198.51.100.9:81/", false],
  ["http://198.51.100.9/", true],
  ["https://[2001:db9::5]/", false],
  ["http://[2001:db9::5]/", true],
  ["http://xn--mnchen-3ya.test/", false],
  ["http://localhost/", false],
  ["http://127.1.2.3/", false],
  ["http://[::1]/", false],
  ["http://localhost.test/", true],
])("%s through the proxy: %s", (url, proxied) => {
  expect(proxyFor(new URL(url), { HTTP_PROXY: "http://p", HTTPS_PROXY: "http://p", NO_PROXY: list }) !== null).toBe(
    proxied,
  );
});

test("plain HTTP goes to the proxy with the whole address, and its password stays out of errors", async () => {
  const seen: { url: string | undefined; authorization: string | undefined; host: string | undefined }[] = [];
  const proxy = http.createServer((request, response) => {
    seen.push({ url: request.url, authorization: request.headers["proxy-authorization"], host: request.headers.host });
    response.writeHead(407).end();
  });
  const tunnels: (string | undefined)[] = [];
  proxy.on("connect", (request: http.IncomingMessage, socket: import("node:stream").Duplex) => {
    tunnels.push(request.url);
    socket.end("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const url = `http://user:pa55word@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const env = { HTTP_PROXY: url, HTTPS_PROXY: url };

  for (const apiUrl of ["http://api.example.test/api", "https://api.example.test/api"]) {
    const api = createClient(connect(apiUrl), { log: { debug: () => undefined }, env, random: () => 0 });
    const error = await api.get("x").catch((it: unknown) => it as Error);
    expect(error).toMatchObject({
      name: "UnreachableError",
      message: expect.stringContaining("requires a user name and password") as unknown,
    });
    expect(`${(error as Error).message}${(error as Error).stack}`).not.toContain("pa55word");
    api.close();
  }
  expect(seen).toEqual([
    {
      url: "http://api.example.test/api/snapshots/x",
      authorization: `Basic ${Buffer.from("user:pa55word").toString("base64")}`,
      host: "api.example.test",
    },
  ]);
  expect(tunnels).toEqual(["api.example.test:443"]);
  await new Promise((resolve) => proxy.close(resolve));
});
