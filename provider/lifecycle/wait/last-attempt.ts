/** The first line of an attempt, by BuildKit (which numbers its steps anew, and loads two files first) or by Docker's older builder. */
const BEGINNING = /#1 (?:CACHED )?(?:\[internal\] load |resolve image config for )|Step 1\/\d+ : /;
/** What a failed attempt ends with. */
const FAILURE = /^ERROR: |returned a non-zero code: \d+|^failed to solve/;
/** Lines that are held back at most. Of more, the last are shown. */
const MOST_HELD = 20_000;

/**
 * The last attempt in a build log. A runner writes one file for all builds of a text, so the log of a second build begins with the whole log of the
 * first (recorded with the real runner). Output without a line end is glued to the next line, so an attempt may begin in the middle of a line.
 */
export class LastAttempt {
  private lines: string[] = [];
  private shown = 0;
  /** Number of lines of a failed attempt that was there when everything went quiet: probably an earlier one. */
  private withheld = 0;
  /** Whether everything that comes from now on is the present build's. */
  private isOurs: boolean;

  /**
   * @param isFirst whether no build of this text was before, so that nothing has to be held back
   * @param show takes the lines that are certain to be the present build's
   * @param most number of lines that `tail` answers
   */
  constructor(
    isFirst: boolean,
    private readonly show: (line: string) => void,
    private readonly most: number,
  ) {
    this.isOurs = isFirst;
  }

  push(line: string): void {
    const at = line.search(BEGINNING);
    if (at >= 0 && this.lines.length > 0) {
      if (at > 0 && this.isOurs && this.withheld === 0) this.show(line.slice(0, at));
      this.lines = [];
      this.shown = this.withheld = 0;
    }
    this.lines.push(at > 0 ? line.slice(at) : line);
    if (this.isOurs) this.showAll();
    else if (this.lines.length > MOST_HELD) this.lines.shift();
  }

  /** Nothing came for a while: what was there is read, and what comes now is written while we listen. */
  quiet(): void {
    if (this.isOurs) return;
    this.isOurs = true;
    if (this.lines.some((line) => FAILURE.test(line))) this.shown = this.withheld = this.lines.length;
    else this.showAll();
  }

  /** The build has ended: the last attempt is its own. @returns its last lines */
  end(): string[] {
    // The build failed before it was known whose lines these are.
    if (this.withheld === this.lines.length) this.shown = 0;
    this.withheld = 0;
    this.isOurs = true;
    this.showAll();
    return this.lines.slice(-this.most);
  }

  private showAll(): void {
    for (const line of this.lines.slice(this.shown)) this.show(line);
    this.shown = this.lines.length;
    if (this.withheld > 0) return;
    // What is shown is only needed for the tail.
    if (this.shown > 2 * this.most) {
      this.lines = this.lines.slice(-this.most);
      this.shown = this.lines.length;
    }
  }
}
