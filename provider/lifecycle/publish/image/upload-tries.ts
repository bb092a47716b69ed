/** How often one blob fails without getting further, before it has failed for good. */
const ATTEMPTS = 4;

/** Counts the failures of one blob, whichever of its requests they are of. */
export class UploadTries {
  failed = 0;
  private furthest = 0;

  /** Counts a failure. @returns whether it is worth another try */
  again(): boolean {
    this.failed += 1;
    return this.failed < ATTEMPTS;
  }

  /** The registry has got so many bytes. Failures count from the furthest that it ever got. */
  reached(bytes: number): void {
    if (bytes <= this.furthest) return;
    this.furthest = bytes;
    this.failed = 0;
  }
}
