// SECURITY.md has to name where reports go. As long as it has the placeholder, nothing is released.
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

/** Checks SECURITY.md. `rehearsal`: says only what would stop a release. */
export function securityContact(rehearsal) {
  try {
    contactIn(readFileSync(join(root, "SECURITY.md"), "utf8"));
  } catch (error) {
    if (!rehearsal) throw error;
    console.warn(`A release stops here: ${error.message}.`);
  }
}
