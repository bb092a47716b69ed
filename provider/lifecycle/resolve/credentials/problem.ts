/** Credentials are set up and cannot be had. The message is a sentence without the full stop, and holds none of them. */
export class CredentialsProblem extends Error {
  override readonly name = "CredentialsProblem";
}
