import { readFileSync } from "node:fs";

/** Linux lists the connections of this machine here, with the user who opened each end. Other systems have nothing that a program may simply read. */
const TABLES = ["/proc/net/tcp", "/proc/net/tcp6"];
const ESTABLISHED = "01";

/**
 * Tells which callers are other users of this machine. The engine can only reach a plugin at a port of 127.0.0.1, which every user can connect
 * to, and who calls uses the credentials of the one who runs it.
 */
export class Peers {
  /** Ends of connections that are known to be ours. The engine keeps its connection as long as this process lives, so that nobody else gets its port. */
  readonly #own = new Set<string>();

  /**
   * @param port ours
   * @param uid the user of this process; undefined on Windows
   * @param read the text of a table @throws Error where there is none
   */
  constructor(
    private readonly port: number,
    private readonly uid = process.getuid?.(),
    private readonly read = (file: string) => readFileSync(file, "latin1"),
  ) {}

  /** Whether the connection belongs to another user, who is not root. False where that cannot be known. @param peer `127.0.0.1:1234` or `[::1]:1234` */
  isForeign(peer: string): boolean {
    if (this.uid === undefined || this.#own.has(peer)) return false;
    const [, from] = /:(\d+)$/.exec(peer) ?? [];
    const owner = from === undefined ? null : this.#owner(Number(from));
    if (owner !== null && owner !== this.uid && owner !== 0) return true;
    this.#own.add(peer);
    return false;
  }

  /** The user who opened the connection from this port to ours; null: not listed. */
  #owner(from: number): number | null {
    for (const table of TABLES) {
      let lines: string[];
      try {
        lines = this.read(table).split("\n");
      } catch {
        continue;
      }
      for (const line of lines) {
        const [, local, remote, state, , , , uid] = line.trim().split(/\s+/);
        if (state === ESTABLISHED && portOf(local) === from && portOf(remote) === this.port) return Number(uid);
      }
    }
    return null;
  }
}

/** `0100007F:1F90` */
function portOf(address: string | undefined): number {
  return Number.parseInt(address?.split(":")[1] ?? "", 16);
}
