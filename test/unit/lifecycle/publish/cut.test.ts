import { createServer, connect, type AddressInfo, type Server, type Socket } from "node:net";
import { systemClock } from "../../../../provider/lifecycle";
import { type LocalApi, startLocalApi } from "../../../../provider/local";
import type { ContextArchive } from "../../../../provider/source/archive/context-archive";
import { createClient } from "../../../../provider/api";
import { resolveConnection } from "../../../../provider/config";
import { access, archiveOf, bytesOf, ORGANIZATION, upload } from "./support";
import { startStorage, versitygw } from "./versitygw";

/*
 * The builder takes a context that was cut off as it is: the build goes on without the rest, and the snapshot is active. So an upload that does not come to
 * its end, because its sender is killed or because something in between cuts it, must never become an object.
 */

const MIB = 2 ** 20;
const quick = { ...systemClock, sleep: (_ms: number, signal?: AbortSignal) => systemClock.sleep(1, signal) };

interface Target {
  /** Of the storage itself. */
  url: string;
  organizationId: string;
  access(url: string): Promise<ReturnType<typeof access>>;
  keys(): Promise<string[]>;
  read(key: string): Promise<Buffer>;
  stop(): Promise<void>;
}

async function startVersitygw(): Promise<Target> {
  const storage = await startStorage();
  return { ...storage, organizationId: ORGANIZATION, access: (url) => Promise.resolve(access(url)) };
}

async function startLocal(): Promise<Target> {
  const local: LocalApi = await startLocalApi();
  const api = createClient(resolveConnection({ args: { apiUrl: local.apiUrl, apiKey: local.apiKey }, env: {} }), {
    log: { debug: () => undefined },
  });
  const first = await api.pushAccess();
  return {
    url: first.storageUrl,
    organizationId: local.organizationId,
    access: async (storageUrl) => ({ ...(await api.pushAccess()), storageUrl }),
    keys: () => Promise.resolve(local.control.storageKeys()),
    read: (key) => Promise.resolve(local.control.storageContent(key)!),
    stop: async () => (api.close(), local.close()),
  };
}

/** Passes bytes on, and cuts each connection after so many bytes of a body that is put, or never. */
class Cutter {
  /** Bytes of the body that still go through; null: all of them. */
  after: number | null = null;
  /** Requests to put something, as they were sent. */
  readonly heads: string[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(to: string) {
    const { hostname, port } = new URL(to);
    this.#server = createServer((client) => {
      const server = connect(Number(port), hostname);
      const end = (): void => void (client.destroy(), server.destroy());
      for (const socket of [client, server]) {
        this.#sockets.add(socket);
        socket.on("error", end).on("close", end);
      }
      server.pipe(client);
      let head = "";
      let left: number | null = null;
      client.on("data", (chunk) => {
        if (left === null) {
          head += chunk.toString("latin1");
          const ends = head.indexOf("\r\n\r\n");
          const isPut = /^PUT /.test(head);
          if (ends < 0 || !isPut || this.after === null) {
            if (isPut && ends >= 0) this.heads.push(head.slice(0, ends));
            if (ends >= 0) head = "";
            server.write(chunk);
            return;
          }
          this.heads.push(head.slice(0, ends));
          left = this.after;
          const body = head.length - ends - 4;
          server.write(chunk.subarray(0, chunk.length - Math.max(0, body - left)));
          left -= body;
        } else {
          server.write(chunk.subarray(0, Math.max(0, left)));
          left -= chunk.length;
        }
        if (left <= 0) setImmediate(end);
      });
    });
  }

  listen(): Promise<string> {
    return new Promise((resolve) =>
      this.#server.listen(0, "127.0.0.1", () =>
        resolve(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`),
      ),
    );
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

describe.each([
  ["versitygw", startVersitygw, versitygw === undefined],
  ["the local API's storage", startLocal, false],
] as const)("an upload to %s that is cut", (_name, start, skipped) => {
  const suite = skipped ? describe.skip : describe;
  suite(skipped ? "(skipped: DAYTONA_IAC_VERSITYGW is not set)" : "on its way", () => {
    let target: Target;
    let cutter: Cutter;
    let url: string;
    beforeAll(async () => void (target = await start()), 60_000);
    afterAll(async () => target.stop());
    beforeEach(async () => {
      cutter = new Cutter(target.url);
      url = await cutter.listen();
    });
    afterEach(async () => cutter.close());

    const keyOf = ({ hash }: ContextArchive): string => `${target.organizationId}/${hash}/context.tar`;
    const send = (archive: ContextArchive): Promise<string[]> =>
      upload(url, [archive], { access: () => target.access(url), clock: quick }).done;

    test.each([
      ["before its first byte", 1000, () => 0],
      ["in its middle", 3 * MIB, (size: number) => size >> 1],
      ["before its last byte", 3 * MIB, (size: number) => size - 1],
      ["in the middle of a part", 12 * MIB, () => 2 * MIB],
    ] as const)("%s becomes no object, and the next one sends all of it", async (_where, size, after) => {
      const archive = archiveOf(size);
      cutter.after = after(archive.size);
      await expect(send(archive)).rejects.toThrow();
      expect(cutter.heads.length).toBeGreaterThan(0);
      expect(await target.keys()).not.toContain(keyOf(archive));
      // What was sent is declared, so that a storage can tell that something is missing.
      for (const head of cutter.heads) {
        expect(head).toMatch(/^content-length: [1-9]\d*$/im);
        expect(head).not.toMatch(/^transfer-encoding:/im);
      }
      if (size < 5 * MIB) expect(cutter.heads[0]).toMatch(new RegExp(`^content-length: ${archive.size}$`, "im"));
      cutter.after = null;
      expect(await send(archive)).toEqual([archive.hash]);
      expect((await target.read(keyOf(archive))).equals(await bytesOf(archive))).toBe(true);
    });

    test("by the end of its sender, becomes no object either", async () => {
      const archive = archiveOf(3 * MIB);
      const stop = new AbortController();
      cutter.after = archive.size >> 1;
      const work = upload(url, [archive], { access: () => target.access(url), signal: stop.signal }).done;
      work.catch(() => undefined);
      while (cutter.heads.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      stop.abort(new Error("stopped"));
      await expect(work).rejects.toThrow("stopped");
      expect(await target.keys()).not.toContain(keyOf(archive));
    });
  });
});
