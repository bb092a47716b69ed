import { readFileSync } from "node:fs";
import { address, hosts } from "./mirror";

/** What a lock file says of this provider, under the name of one registry. */
export interface Locked {
  readonly host: (typeof hosts)[number];
  readonly version: string;
  /** `h1:…` and `zh:…`, in the order of the file. */
  readonly hashes: readonly string[];
}

/** Every block of this provider in a lock file. @throws Error of the file system, or for a block that is not what Terraform and OpenTofu write */
export function readLockFile(path: string): Locked[] {
  const lines = readFileSync(path, "utf8")
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !/^(#|\/\/)/.test(line));
  return hosts.flatMap((host) => {
    const begin = lines.findIndex((line) => /^provider\s+"(.*)"\s*\{$/.exec(line)?.[1] === `${host}/${address}`);
    if (begin < 0) return [];
    const end = lines.indexOf("}", begin);
    const block = lines.slice(begin + 1, end < 0 ? lines.length : end).join("\n");
    const version = /^version\s*=\s*"([^"]+)"$/m.exec(block)?.[1];
    const hashes = /^hashes\s*=\s*\[([^\]]*)\]/m.exec(block)?.[1];
    if (end < 0 || version === undefined)
      throw new Error(`its block for ${host}/${address} cannot be read. Run "terraform init" to write it again`);
    return [{ host, version, hashes: [...(hashes ?? "").matchAll(/"([^"]+)"/g)].map(([, hash]) => hash as string) }];
  });
}
