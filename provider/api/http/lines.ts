import { StringDecoder } from "node:string_decoder";

/** A line longer than this is cut into pieces, so that a stream without line ends does not fill the memory. Characters. */
const LONGEST = 64 * 1024;

/**
 * Makes lines of bytes: characters may be split between chunks, a carriage return overwrites what was on the line (as
 * progress bars do), and colours and other control characters are dropped.
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

  /** The stream has ended: what is left is a line. */
  end(): void {
    this.rest += this.decoder.end();
    if (this.rest !== "") this.onLine(clean(this.rest));
    this.rest = "";
  }
}

const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

function clean(line: string): string {
  const written = line.replace(/\r+$/, "").split("\r");
  return (written.at(-1) ?? "").replace(ESCAPES, "").replace(CONTROL, "");
}
