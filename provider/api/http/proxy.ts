import { BlockList, isIP } from "node:net";
import { domainToASCII } from "node:url";

/** Environment variables, as `process.env` has them. */
export type ProxyEnvironment = Record<string, string | undefined>;

/**
 * The proxy for a target, from HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY; the lower-case names win. Null: no proxy. Loopback
 * addresses are never proxied.
 */
export function proxyFor(target: URL, env: ProxyEnvironment): URL | null {
  const get = (name: string): string => env[name.toLowerCase()] || env[name] || "";
  const secure = target.protocol === "https:" || target.protocol === "wss:";
  const written = get(secure ? "HTTPS_PROXY" : "HTTP_PROXY") || get("ALL_PROXY");
  if (written === "" || bypassed(target, secure, get("NO_PROXY"))) return null;
  let proxy: URL;
  try {
    proxy = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(written) ? written : `http://${written}`);
  } catch {
    return null;
  }
  return proxy.protocol === "http:" || proxy.protocol === "https:" ? proxy : null;
}

/**
 * Matches NO_PROXY by the rules of Go's httpproxy package, which Terraform follows: names with their subdomains (`example.com`), subdomains
 * only (`.example.com`, `*.example.com`), addresses, address blocks, or `*` for all. Everything but blocks can have a port. Own code, because
 * proxy-from-env 2.1, which axios uses, does not support blocks and proxies loopback addresses.
 */
function bypassed(target: URL, secure: boolean, noProxy: string): boolean {
  const host = target.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  if (host === "localhost" || (isIP(host) !== 0 && LOOPBACK.check(host, family(host)))) return true;
  const port = target.port || (secure ? "443" : "80");
  const entries = noProxy.split(",").map((entry) => entry.trim().toLowerCase()).filter((entry) => entry !== "");
  return entries.includes("*") || entries.some((entry) => matches(entry, host, port));
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

function matches(entry: string, host: string, port: string): boolean {
  const [base = "", bits] = entry.split("/");
  if (bits !== undefined) return isIP(base) !== 0 && isIP(host) === isIP(base) && /^\d+$/.test(bits) && Number(bits) <= (isIP(base) === 4 ? 32 : 128) && block(base, Number(bits)).check(host, family(host));
  // Several colons without brackets are an IPv6 address without a port.
  const [, name = "", entryPort] = (isIP(entry) === 0 && /^(.*):(\d+)$/.exec(entry)) || [null, entry];
  if (name === "" || (entryPort !== undefined && entryPort !== port)) return false;
  const bare = name.replace(/^\[(.*)\]$/, "$1");
  if (isIP(bare) !== 0) return isIP(host) === isIP(bare) && block(bare, isIP(bare) === 4 ? 32 : 128).check(host, family(host));
  const domain = domainToASCII(bare.replace(/^\*?\./, ""));
  return domain !== "" && (host.endsWith(`.${domain}`) || (host === domain && !/^\*?\./.test(bare)));
}

function block(base: string, bits: number): BlockList {
  const list = new BlockList();
  list.addSubnet(base, bits, family(base));
  return list;
}

function family(host: string): "ipv4" | "ipv6" {
  return isIP(host) === 6 ? "ipv6" : "ipv4";
}

/** `Proxy-Authorization` for a proxy URL with a user name. */
export function proxyAuthorization(proxy: URL): string | null {
  if (proxy.username === "") return null;
  const plain = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return `Basic ${Buffer.from(plain).toString("base64")}`;
}
