import { BlockList, isIP } from "node:net";
import { domainToASCII } from "node:url";

/** Environment variables, as `process.env` has them. */
export type ProxyEnvironment = Record<string, string | undefined>;

/** A proxy is set that cannot be used. The message names the variable and never its value, which may contain a password. */
export class ProxyError extends Error {
  constructor(
    /** As it is set: `HTTPS_PROXY`, `https_proxy`, … */
    readonly variable: string,
    what: string,
  ) {
    super(
      `${variable} ${what}. Set it to the address of an HTTP proxy, such as http://proxy.example:3128, or add the host to NO_PROXY`,
    );
    this.name = "ProxyError";
  }
}

/**
 * The proxy for a target, from HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY; the lower-case names win. Null: no proxy. Loopback
 * addresses are never proxied.
 * @throws ProxyError if one is set that cannot be used: going past it would go where the user does not want to
 */
export function proxyFor(target: URL, env: ProxyEnvironment): URL | null {
  const set = (name: string): string | undefined =>
    [name.toLowerCase(), name].find((spelled) => (env[spelled] ?? "").trim() !== "");
  const secure = target.protocol === "https:" || target.protocol === "wss:";
  const variable = set(secure ? "HTTPS_PROXY" : "HTTP_PROXY") ?? set("ALL_PROXY");
  if (variable === undefined || bypassed(target, secure, env[set("NO_PROXY") ?? ""] ?? "")) return null;
  return proxyOf(variable, (env[variable] ?? "").trim());
}

/** @throws ProxyError */
function proxyOf(variable: string, written: string): URL {
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(written) ?? [];
  if (scheme !== undefined && !/^https?$/i.test(scheme))
    throw new ProxyError(variable, `begins with ${scheme.toLowerCase()}://, a kind of proxy that is not supported`);
  let proxy: URL;
  try {
    proxy = new URL(scheme === undefined ? `http://${written}` : written);
    decodeURIComponent(`${proxy.username}${proxy.password}`);
  } catch {
    throw new ProxyError(variable, "is not the address of a proxy");
  }
  // `https//proxy` would be the host "https".
  if (proxy.pathname !== "/" || proxy.search !== "" || proxy.hash !== "")
    throw new ProxyError(variable, "has more than the host and port of a proxy");
  return proxy;
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
  const entries = noProxy
    .split(",")
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== "");
  return entries.includes("*") || entries.some((entry) => matches(entry, host, port));
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

function matches(entry: string, host: string, port: string): boolean {
  if (entry.includes("/")) return isInBlock(host, entry);
  // Several colons without brackets are an IPv6 address without a port.
  const [, name = "", entryPort] = (isIP(entry) === 0 && /^(.*):(\d+)$/.exec(entry)) || [null, entry];
  if (name === "" || (entryPort !== undefined && entryPort !== port)) return false;
  const bare = name.replace(/^\[(.*)\]$/, "$1");
  return isIP(bare) === 0 ? isNamed(host, bare) : isAddress(host, bare);
}

/** @param entry `10.0.0.0/8` */
function isInBlock(host: string, entry: string): boolean {
  const [base = "", bits = ""] = entry.split("/");
  const kind = isIP(base);
  if (kind === 0 || isIP(host) !== kind || !/^\d+$/.test(bits)) return false;
  return Number(bits) <= (kind === 4 ? 32 : 128) && block(base, Number(bits)).check(host, family(host));
}

function isAddress(host: string, address: string): boolean {
  const kind = isIP(address);
  return isIP(host) === kind && block(address, kind === 4 ? 32 : 128).check(host, family(host));
}

/** @param name a domain; with a dot or `*.` before it, only its subdomains */
function isNamed(host: string, name: string): boolean {
  const domain = domainToASCII(name.replace(/^\*?\./, ""));
  return domain !== "" && (host.endsWith(`.${domain}`) || (host === domain && !/^\*?\./.test(name)));
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
