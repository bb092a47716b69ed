import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { makeOwnFolder } from "../kit/own-folder";

/** Where clients find the authority that they have to trust. */
export interface TrustFiles {
  /** Environment variables and the files that they name. */
  readonly env: Readonly<Record<string, string>>;
  remove(): void;
}

/** How its temporary folder begins. */
export const TRUST_FOLDER = "daytona-iac-local-";

/**
 * Writes the authority to a temporary folder, alone and together with the public ones: most variables replace what a client trusts, and
 * clients of the local API also ask others, such as a package registry.
 * @param authorityPem as PEM
 */
export function writeTrustFiles(authorityPem: string): TrustFiles {
  const folder = makeOwnFolder(TRUST_FOLDER);
  const [authority, all] = [join(folder, "authority.pem"), join(folder, "authorities.pem")];
  writeFileSync(authority, authorityPem);
  writeFileSync(all, [...rootCertificates, authorityPem].join("\n"));
  return {
    env: {
      // Node.js adds it to what it trusts.
      NODE_EXTRA_CA_CERTS: authority,
      // OpenSSL, Go, and Rust's clients, such as that of Daytona's SDK for Python.
      SSL_CERT_FILE: all,
      // Python's requests.
      REQUESTS_CA_BUNDLE: all,
      CURL_CA_BUNDLE: all,
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
