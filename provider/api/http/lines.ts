import { StringDecoder } from "node:string_decoder";
import { printable, withoutSequences } from "../../kit/text/printable";

/** In characters. Longer lines are split, so that a stream without line endings does not fill the memory. */
const LONGEST = 64 * 1024;

/**
 * Splits bytes into lines. Handles characters that are split between chunks. A carriage return overwrites the line, as progress bars do.
 * Colours and other control characters are dropped. Whoever takes a line gets exactly one: Unicode's own line and paragraph separators are spaces.
 */
export class LineSplitter {
  private readonly decoder = new StringDecoder("utf8");
  private rest = "";

  constructor(private readonly onLine: (line: string) => void) {}

  push(chunk: Buffer): void {
    this.rest += this.decoder.write(chunk);
    const lines = this.rest.split("\n");
    this.rest = lines.pop() ?? "";
    for (const line of lines) this.onLine(clean(line));
    while (this.rest.length > LONGEST) {
      this.onLine(clean(this.rest.slice(0, LONGEST)));
      this.rest = this.rest.slice(LONGEST);
    }
  }

  /** Ends the stream: the rest is a line. */
  end(): void {
    this.rest += this.decoder.end();
    if (this.rest !== "") this.onLine(clean(this.rest));
    this.rest = "";
  }
}

/** Bells, backspaces and the like tell nothing in a log. Tabs stay. */
const NOISE = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

function clean(line: string): string {
  const written = line.replace(/(?<!\r)\r+$/, "").split("\r");
  return printable(withoutSequences(written.at(-1) ?? "").replace(NOISE, "")).replaceAll("\n", " ");
}
