import { execFileSync, spawn } from "node:child_process";
import { createReadStream, existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, dirname, join } from "node:path";
import { createGzip } from "node:zlib";

const root = join(__dirname, "../../..");

interface Manifest {
  name: string;
  version: string;
}
interface Published {
  manifest: Manifest;
  /** A tarball; or a package's folder, packed when it is asked for. */
  from: string;
}

/** The registry, as far as npm needs it to install, on loopback: nothing of a test lies on the network. */
export interface Registry {
  url: string;
  /** File names of the tarballs that were fetched. */
  fetched: string[];
  close(): void;
}

/**
 * Serves tarballs, and all that they depend on, as it lies in this repository's `node_modules`.
 * @param others more packages of `node_modules`, with all that they depend on
 */
export async function serveRegistry(tarballs: string[], others: readonly string[] = []): Promise<Registry> {
  const packages = new Map<string, Published[]>();
  const publish = (published: Published): void => {
    packages.set(published.manifest.name, [...(packages.get(published.manifest.name) ?? []), published]);
  };
  for (const folder of runtimeDependencies(others))
    publish({ manifest: JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest, from: folder });
  for (const file of tarballs) {
    publish({
      manifest: JSON.parse(
        execFileSync("tar", ["-xzOf", file, "package/package.json"], { encoding: "utf8" }),
      ) as Manifest,
      from: file,
    });
  }

  const fetched: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "").slice(1);
    const [name = "", version] = path.split("/-/");
    const found = packages.get(name);
    if (found === undefined) {
      response.writeHead(404).end("{}");
    } else if (version === undefined) {
      const address = `http://${request.headers.host}/${name}/-/`;
      const versions = Object.fromEntries(
        found.map(({ manifest }) => [
          manifest.version,
          { ...manifest, dist: { tarball: `${address}${manifest.version}` } },
        ]),
      );
      response.end(JSON.stringify({ name, "dist-tags": { latest: found.at(-1)?.manifest.version }, versions }));
    } else {
      const { from } = found.find(({ manifest }) => manifest.version === version) as Published;
      fetched.push(`${name}@${version}`);
      // So that a second user with the same cache does not fetch it again.
      response.setHeader("cache-control", "public, immutable, max-age=31536000");
      (from.endsWith(".tgz") ? createReadStream(from) : pack(from)).pipe(response);
    }
  });
  // A connection that is closed for its idleness while npm takes it for its next request fails that one.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    fetched,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** npm drops the first part of each path, whatever it is called. */
function pack(folder: string): NodeJS.ReadableStream {
  const { bundleDependencies, bundledDependencies } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  ) as Bundle;
  const left = (bundleDependencies ?? bundledDependencies) === undefined ? ["--exclude", "node_modules"] : [];
  const tar = spawn("tar", ["-cf", "-", ...left, "-C", dirname(folder), basename(folder)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  // Nothing of it is kept: what is saved by packing it well would not be worth the time.
  return tar.stdout.pipe(createGzip({ level: 1 }));
}

/** A package that brings some of what it depends on in its own folder. */
interface Bundle {
  bundleDependencies?: string[];
  bundledDependencies?: string[];
}

interface Lock {
  packages: Record<
    string,
    { dependencies?: Record<string, string>; optionalDependencies?: Record<string, string>; inBundle?: true }
  >;
}

/** Folders of what the package depends on, and of what that does, as far as they are installed. */
function runtimeDependencies(others: readonly string[]): string[] {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as Lock;
  const found = new Set<string>();
  const visit = (path: string): void => {
    const { dependencies, optionalDependencies } = packages[path] ?? {};
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      let base = path;
      while (base !== "" && packages[`${base}/node_modules/${name}`] === undefined)
        base = base.slice(0, Math.max(0, base.lastIndexOf("/node_modules/")));
      const at = `${base === "" ? "" : `${base}/`}node_modules/${name}`;
      add(at);
    }
  };
  const add = (at: string): void => {
    if (found.has(at) || packages[at]?.inBundle || !existsSync(join(root, at))) return;
    found.add(at);
    visit(at);
  };
  visit("");
  for (const name of others) add(`node_modules/${name}`);
  return [...found].map((path) => join(root, path));
}
