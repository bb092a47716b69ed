/** Ends a call with a message for the user, and nothing to keep. */
export class Refused extends Error {
  constructor(message: string) {
    super(message);
    this.name = "Refused";
  }
}
