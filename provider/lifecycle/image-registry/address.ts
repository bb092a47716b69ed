import { UnsafeAddress } from "./errors";

/**
 * The address that a registry names: where it issues tokens, where blobs go. As in containerd and Docker, it may be on another host, which
 * gets the password only as the token service. Here it has to be encrypted as well, so that neither the password nor the layers can be read
 * on the way. On this machine it need not be, nor on the host of a registry to which everything goes unencrypted already.
 * @param base the registry's own, with its scheme
 * @throws UnsafeAddress
 */
export function namedAddress(kind: UnsafeAddress["kind"], text: string, base: URL, relativeTo?: URL): URL {
  let url: URL;
  try {
    url = new URL(text, relativeTo);
  } catch {
    throw new UnsafeAddress(kind, "is not a URL");
  }
  // A registry behind a proxy that ends TLS names itself with http.
  if (url.protocol === "http:" && url.host === base.host) url.protocol = base.protocol;
  const plain = url.protocol === "http:";
  const allowed =
    url.protocol === "https:" ||
    (plain && (isLoopback(url.hostname) || (base.protocol === "http:" && url.hostname === base.hostname)));
  if (!allowed) throw new UnsafeAddress(kind, plain ? `is ${url.origin}, without TLS` : `begins with ${url.protocol}`);
  // A user name in the address would replace ours.
  url.username = "";
  url.password = "";
  return url;
}

/** Whether a host is this machine. */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

/** The parts of the address that the API names a registry by. @returns `plain`: it says http */
export function parseRegistryUrl(registryUrl: string): { readonly host: string; readonly plain: boolean } {
  const [, scheme = "", host = ""] = /^(?:(https?):\/\/)?(.*?)\/?$/is.exec(registryUrl) ?? [];
  return { host, plain: scheme.toLowerCase() === "http" };
}
