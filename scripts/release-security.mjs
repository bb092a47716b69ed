// SECURITY.md has to name where reports go, and package.json where the project is. As long as they have placeholders, nothing is released.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./build-provider.mjs";

/** An address of RFC 2606, at which nobody reads. */
const PLACEHOLDER = /[\w.+-]+@(?:[\w-]+\.)*(?:example|invalid|test)(?:\.(?:com|net|org))?\b/i;

/**
 * The address that a security policy names.
 * @param text of SECURITY.md
 * @throws Error for a placeholder, or none
 */
export function contactIn(text) {
  const [address] = /[\w.+-]+@[\w.-]+\.\w+/.exec(text) ?? [];
  if (address === undefined)
    throw new Error("SECURITY.md names no address for reports. Add the address that the maintainers read");
  if (PLACEHOLDER.test(address))
    throw new Error(
      `SECURITY.md names ${address}, a placeholder. Replace it by the address that the maintainers read, then release again`,
    );
  return address;
}

/**
 * The addresses in package.json that npm and every error message show.
 * @param manifest of package.json
 * @throws Error for a placeholder, or none
 */
export function addressesIn({ homepage, repository, bugs }) {
  const found = { homepage, repository: repository?.url, bugs: bugs?.url };
  for (const [name, address] of Object.entries(found)) {
    if (!address) throw new Error(`package.json has no ${name}. Add its address`);
    if (/\.(?:example|invalid|test)(?:[/:]|$)/i.test(address))
      throw new Error(
        `package.json has ${address} as its ${name}, a placeholder. Replace it by the real address, then release again`,
      );
  }
  return found;
}

/** Checks SECURITY.md and package.json. `rehearsal`: says only what would stop a release. */
export function securityContact(rehearsal) {
  for (const check of [
    () => contactIn(readFileSync(join(root, "SECURITY.md"), "utf8")),
    () => addressesIn(JSON.parse(readFileSync(join(root, "package.json"), "utf8"))),
  ]) {
    try {
      check();
    } catch (error) {
      if (!rehearsal) throw error;
      console.warn(`A release stops here: ${error.message}.`);
    }
  }
}
