import { setMaxListeners } from "node:events";
import { counted } from "../kit/text/numbers";
import { exitCodes, type Io } from "./io";
import { printError } from "./output/print";
import { type Session, usage } from "./session";

/** What became of several things that a command did. */
export interface Done<R> {
  readonly code: number;
  /** Of those that succeeded, in the order of the items. */
  readonly results: R[];
}

/**
 * Does several things side by side, as many as the connection has requests under way at a time. What each of them prints comes in the order of
 * the items, as if one had been done after the other. After a failure the others are done all the same; after an interrupt nothing more is begun.
 * @param nameOf names an item before each line of its progress, where there are several
 * @param body gets the session that prints for its item @param stageOf items of a later stage are begun when those before it are done
 */
export async function each<T, R>(
  session: Session,
  items: readonly T[],
  nameOf: (item: T) => string,
  body: (item: T, part: Session) => Promise<R>,
  stageOf: (item: T) => number = () => 0,
): Promise<Done<R>> {
  if (items.length === 1) return { code: exitCodes.ok, results: [await body(items[0] as T, session)] };
  // One signal interrupts all of them.
  setMaxListeners(Infinity, session.signal);
  const order = [...items].sort((one, other) => stageOf(one) - stageOf(other));
  const outputs = new InOrder(session, order.length);
  const results = new Map<number, R>();
  let failed = 0;
  let next = 0;
  const lane = async (stage: number): Promise<void> => {
    while (next < order.length && stageOf(order[next] as T) === stage && !session.signal.aborted) {
      const at = next;
      next += 1;
      const part = outputs.part(at, nameOf(order[at] as T));
      const code = await part.part(async () => void results.set(at, await body(order[at] as T, part)));
      if (code !== exitCodes.ok) failed += 1;
      outputs.end(at);
    }
  };
  for (const stage of new Set(order.map(stageOf)))
    await Promise.all(Array.from({ length: session.lanes }, () => lane(stage)));
  outputs.close();
  const left = order.length - next;
  if (failed > 0 || left > 0)
    printError(
      session.io,
      { summary: `${failed} of ${items.length} failed`, detail: left === 0 ? "" : `Not started: ${left}.` },
      session.format,
    );
  return {
    code: failed > 0 || left > 0 ? exitCodes.error : exitCodes.ok,
    results: [...results].sort(([one], [other]) => one - other).map(([, result]) => result),
  };
}

/** What several parts of a command print, one after the other: the first that is not over prints at once, the others when it is their turn. */
class InOrder {
  private readonly held = new Map<number, (() => void)[]>();
  private readonly ended = new Set<number>();
  private turn = 0;

  constructor(
    private readonly session: Session,
    private readonly count: number,
  ) {}

  part(at: number, name: string): Session {
    const { io } = this.session;
    const print = (write: () => void): void => {
      if (at !== this.turn) return void this.held.set(at, [...(this.held.get(at) ?? []), write]);
      this.session.reporter.stop();
      write();
    };
    this.tell();
    const output = {
      out: (text: string) => print(() => io.out(text)),
      err: (text: string) => print(() => io.err(text)),
    };
    return this.session.fork(output, name);
  }

  end(at: number): void {
    this.ended.add(at);
    this.advance();
    this.tell();
  }

  /** Prints what is left, of those that an interrupt kept from being begun as well. */
  close(): void {
    this.session.reporter.stop();
    for (; this.turn < this.count; this.turn += 1) this.flush();
  }

  private advance(): void {
    while (this.ended.has(this.turn)) {
      this.turn += 1;
      this.flush();
    }
  }

  private flush(): void {
    const held = this.held.get(this.turn) ?? [];
    this.held.delete(this.turn);
    if (held.length > 0) this.session.reporter.stop();
    for (const write of held) write();
  }

  /** A terminal has one line for all of them. */
  private tell(): void {
    const { reporter } = this.session;
    if (reporter.draws) reporter.progress(`${this.ended.size} of ${this.count} done`);
  }
}

/**
 * Asks before a deletion, showing count and names.
 * @param noun its singular and its plural @param lines one for each
 * @throws Stop where there is nobody to ask
 */
export async function confirmDeletion(
  io: Io,
  noun: readonly [string, string],
  lines: readonly string[],
  ask: Io["ask"] = io.ask,
): Promise<boolean> {
  const count = counted(lines.length, ...noun);
  io.err(`This deletes ${count}:\n${lines.map((line) => `  ${line}\n`).join("")}`);
  if (ask === undefined) throw usage("deleting without a terminal requires --yes");
  const answer = (await ask(`Delete ${count}? Type "yes" to continue: `)).trim().toLowerCase();
  if (answer === "yes" || answer === "y") return true;
  io.err("Nothing was deleted.\n");
  return false;
}
