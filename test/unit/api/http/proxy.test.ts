import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { createClient } from "../../../../provider/api";
import { proxyFor } from "../../../../provider/api/http/proxy";
import { connect } from "../server";

const target = new URL("https://api.example.test/api");

test.each([
  [{ HTTPS_PROXY: "http://p:3128" }, "http://p:3128/"],
  [{ https_proxy: "http://low:1", HTTPS_PROXY: "http://up:1" }, "http://low:1/"],
  [{ HTTP_PROXY: "http://p:3128" }, null],
  [{ ALL_PROXY: "p:3128" }, "http://p:3128/"],
  [{ ALL_PROXY: "socks5://p:1080" }, null],
  [{ HTTPS_PROXY: "http://p", NO_PROXY: "*" }, null],
  [{ HTTPS_PROXY: "http://p", NO_PROXY: "other.test, .example.test" }, null],
  [{ HTTPS_PROXY: "http://p", no_proxy: "example.test:443" }, null],
  [{ HTTPS_PROXY: "http://p", NO_PROXY: "example.test:8443,ample.test" }, "http://p/"],
  [{ HTTPS_PROXY: "::nonsense::" }, null],
])("%j proxies through %s", (env: Record<string, string>, expected) => {
  expect(proxyFor(target, env)?.href ?? null).toBe(expected);
});

test("loopback is never proxied; address blocks are honoured", () => {
  const env = { HTTP_PROXY: "http://p", NO_PROXY: "10.0.0.0/8,[fd00::1]" };
  const via = (url: string): string | null => proxyFor(new URL(url), env)?.host ?? null;
  expect(["http://localhost:1", "http://127.0.0.9", "http://[::1]:80", "http://10.1.2.3", "http://[fd00::1]/"].map(via)).toEqual([null, null, null, null, null]);
  expect(["http://11.1.2.3", "http://[fd00::2]/"].map(via)).toEqual(["p", "p"]);
});

// The cases of Go's own test of NO_PROXY, said anew: whether a host goes through the proxy.
const list = "example.com, .sub-only.test, *.star.test, exact.test:8080, 192.0.2.0/24, 2001:db8::/32, 198.51.100.7, 198.51.100.9:81, [2001:db9::5]:443, münchen.test";
test.each([
  ["http://example.com/", false], ["http://www.example.com/", false], ["http://EXAMPLE.com/", false], ["http://badexample.com/", true], ["http://example.com.evil/", true],
  ["http://sub-only.test/", true], ["http://a.sub-only.test/", false], ["http://star.test/", true], ["http://a.b.star.test/", false],
  ["http://exact.test/", true], ["http://exact.test:8080/", false], ["http://a.exact.test:8080/", false], ["http://exact.test:8081/", true],
  ["http://192.0.2.255/", false], ["http://192.0.3.1/", true], ["http://[2001:db8:1::1]/", false], ["http://[2001:db7::1]/", true],
  ["http://198.51.100.7:99/", false], ["http://198.51.100.8/", true], ["http://198.51.100.9:81/", false], ["http://198.51.100.9/", true],
  ["https://[2001:db9::5]/", false], ["http://[2001:db9::5]/", true], ["http://xn--mnchen-3ya.test/", false],
  ["http://localhost/", false], ["http://127.1.2.3/", false], ["http://[::1]/", false], ["http://localhost.test/", true],
])("%s through the proxy: %s", (url, proxied) => {
  expect(proxyFor(new URL(url), { HTTP_PROXY: "http://p", HTTPS_PROXY: "http://p", NO_PROXY: list }) !== null).toBe(proxied);
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
    expect(error).toMatchObject({ name: "UnreachableError", message: expect.stringContaining("requires a user name and password") as unknown });
    expect(`${(error as Error).message}${(error as Error).stack}`).not.toContain("pa55word");
    api.close();
  }
  expect(seen).toEqual([{ url: "http://api.example.test/api/snapshots/x", authorization: `Basic ${Buffer.from("user:pa55word").toString("base64")}`, host: "api.example.test" }]);
  expect(tunnels).toEqual(["api.example.test:443"]);
  await new Promise((resolve) => proxy.close(resolve));
});
