import { TooMuch } from "../error";

/** Characters that variables may put into the text of one Dockerfile, all together. */
const MOST_CHARACTERS = 4 * 2 ** 20;
/** Comparisons of one character that its patterns may take. */
const MOST_STEPS = 20_000_000;

/**
 * How much the variables of one Dockerfile may come to. Thirty lines such as `ARG B=$A$A` double a text until no memory holds it, and a repository is not to decide
 * how long a plan takes.
 */
export class Room {
  private characters = MOST_CHARACTERS;
  private steps = MOST_STEPS;

  /** Takes room for text. @throws TooMuch when there is no more */
  grow(characters: number): void {
    this.characters -= characters;
    if (this.characters < 0)
      throw new TooMuch(
        "the values of variables add more than 4 MiB of text up to this line. Look for an ARG or ENV that takes the value of another one several times, and shorten it.",
      );
  }

  /** Takes time for comparisons. @throws TooMuch when there is no more */
  work(steps: number): void {
    this.steps -= steps;
    if (this.steps < 0)
      throw new TooMuch(
        "the patterns in ${name#pattern}, % and / take too long for values of this length. Shorten the values, or use fewer wildcards.",
      );
  }
}
