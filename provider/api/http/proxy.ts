/** Environment variables, as `process.env` has them. */
export type ProxyEnvironment = Record<string, string | undefined>;

/**
 * The proxy that the environment names for a target, or null: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, the
 * lower-case spelling first. Loopback is never proxied, as in Go's net/http, which Terraform itself uses.
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

function bypassed(target: URL, secure: boolean, noProxy: string): boolean {
  const host = target.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  if (host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host)) return true;
  const port = target.port || (secure ? "443" : "80");
  return noProxy.split(/[\s,]+/).some((entry) => entry !== "" && matches(entry.toLowerCase(), host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === "*") return true;
  const [, name = "", entryPort] = /^(\[[^\]]+\]|[^:]+|.*:.*:.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (entryPort !== undefined && entryPort !== port) return false;
  if (name.includes("/")) return inBlock(name, host);
  const bare = name.replace(/^\[|\]$/g, "").replace(/^\*?\./, "");
  return host === bare || host.endsWith(`.${bare}`);
}

/** `10.0.0.0/8`: IPv4 blocks only. */
function inBlock(block: string, host: string): boolean {
  const [base = "", bits = ""] = block.split("/");
  const a = ipv4(base);
  const b = ipv4(host);
  const size = Number(bits);
  if (a === null || b === null || !Number.isInteger(size) || size < 0 || size > 32) return false;
  const drop = 2 ** (32 - size);
  return Math.floor(a / drop) === Math.floor(b / drop);
}

function ipv4(text: string): number | null {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return null;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** `Proxy-Authorization` for a proxy URL with a user name. */
export function proxyAuthorization(proxy: URL): string | null {
  if (proxy.username === "") return null;
  const plain = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return `Basic ${Buffer.from(plain).toString("base64")}`;
}
