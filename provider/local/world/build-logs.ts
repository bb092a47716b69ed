import type { ServerResponse } from "node:http";
import type { Answer } from "../protocol/answer";
import { notFound, unexpected } from "../protocol/http-error";
import { UNPROCESSABLE } from "./reasons";
import type { SnapshotRow } from "./rows";
import type { SnapshotCalls } from "./snapshots";
import { databaseUuid } from "../protocol/validation";
import type { World } from "./world";

interface Log {
  lines: string[];
  /** The engine has the image. Of a build that has failed, a runner never ends the log for those who follow it. */
  done: boolean;
  listeners: Set<() => void>;
}

/** Simulated build logs, one per build text: written while a build runs, each after the ones before, and readable afterwards. */
export class BuildLogs {
  readonly #logs = new Map<string, Log>();

  constructor(
    private readonly world: World,
    private readonly snapshots: SnapshotCalls,
  ) {}

  /** Writes the log of a build that takes `ms`; Infinity: it never ends. `output`: what its last command writes. */
  record(row: SnapshotRow, ms: number, { error, output }: { error?: string; output?: string }): void {
    const log: Log = this.#logs.get(row.buildRef!) ?? { lines: [], done: false, listeners: new Set() };
    this.#logs.set(row.buildRef!, log);
    log.done = false;
    const lines = logLines(this.world.builds.get(row.buildRef!)?.dockerfileContent ?? "", error, output);
    // Whole before the build ends, whose time has begun as well.
    const pace = Number.isFinite(ms) ? ms / (lines.length + 1) : 50;
    const written = Number.isFinite(ms) ? lines : lines.slice(0, -2);
    written.forEach((line, at) => {
      this.world.clock.later(pace * at, () => {
        log.lines.push(line);
        if (at === lines.length - 1) log.done = error === undefined;
        for (const listener of [...log.listeners]) listener();
      });
    });
  }

  /** Ends logs that a hanging or a failed build left open. */
  finish(): void {
    for (const log of this.#logs.values()) {
      log.done = true;
      for (const listener of [...log.listeners]) listener();
    }
  }

  /** `GET /snapshots/{id}/build-logs-url`; blocks while no runner is assigned. */
  async url(organizationId: string, id: string, origin: string): Promise<{ url: string }> {
    const row = await this.#withRunner(organizationId, id);
    return { url: `${origin}/snapshots/${row.id}/build-logs` };
  }

  /** `GET /snapshots/{id}/build-logs` (deprecated): nothing for an active one. */
  async deprecated(organizationId: string, id: string, follow: boolean): Promise<Answer> {
    if (this.#built(organizationId, id).state === "active") return { status: 200 };
    const row = await this.#withRunner(organizationId, id);
    return { status: 200, stream: (response) => this.stream(row, follow, response) };
  }

  /** Sends what there is, and with `follow` what comes, until the engine has the image. */
  stream(row: SnapshotRow, follow: boolean, response: ServerResponse): void {
    response.writeHead(200, { "content-type": "application/octet-stream" });
    const log = row.buildRef === null ? undefined : this.#logs.get(row.buildRef);
    if (!log) {
      response.end();
      return;
    }
    let sent = 0;
    const send = () => {
      if (sent < log.lines.length) response.write(log.lines.slice(sent).join(""));
      sent = log.lines.length;
      if (!follow || log.done) {
        log.listeners.delete(send);
        response.end();
      }
    };
    log.listeners.add(send);
    response.on("close", () => log.listeners.delete(send));
    send();
  }

  #built(organizationId: string, id: string): SnapshotRow {
    const row = this.snapshots.access(organizationId, id);
    // The real service looks the text up as a UUID.
    const uuid = databaseUuid(id);
    if (uuid === null) throw unexpected();
    if (row.id !== uuid) throw notFound(`Snapshot ${id} not found`);
    if (row.buildRef === null) throw notFound(`Snapshot ${id} has no build info`);
    return row;
  }

  async #withRunner(organizationId: string, id: string): Promise<SnapshotRow> {
    const row = this.#built(organizationId, id);
    const deadline = this.world.clock.ticks() + this.world.settings.runnerWaitMs;
    while (row.initialRunnerId === null) {
      if (this.world.clock.ticks() > deadline)
        throw notFound(`Timeout waiting for build runner assignment for snapshot ${id}`);
      await this.world.clock.sleep(Math.min(1000, this.world.settings.runnerWaitMs / 10 + 1));
      if (!this.world.snapshots.has(row.id)) throw notFound(`Snapshot ${id} not found`);
    }
    return row;
  }
}

function logLines(dockerfile: string, error: string | undefined, output: string | undefined): string[] {
  const steps = dockerfile
    .replace(/\\\r?\n\s*/g, " ")
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => /^(FROM|RUN|COPY|ADD|WORKDIR)\s/i.test(line));
  const lines = ["#1 [internal] load build definition from Dockerfile\n", "#1 DONE 0.0s\n"];
  steps.forEach((step, i) => lines.push(`#${i + 2} [${i + 1}/${steps.length}] ${step}\n`, `#${i + 2} DONE 0.1s\n`));
  if (output !== undefined) lines.push(output);
  if (error === undefined) {
    const last = Math.max(9, steps.length + 2);
    lines.push(`#${last} exporting to image\n`, `#${last} DONE 0.2s\n`);
  } else lines.push(`ERROR: ${error.replace(UNPROCESSABLE, "")}\n`);
  return lines;
}
