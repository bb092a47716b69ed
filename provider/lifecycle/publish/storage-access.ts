import type { PushAccess } from "../../api/types";
import type { Clock } from "../contract";

/** The server asks for credentials of one hour. Renewed before that, so that no part is sent twice because of it. */
const RENEW_AFTER_MS = 50 * 60_000;

/** The temporary credentials of one upload, and all that were ever used for it: none of them may be shown. */
export class StorageAccess {
  readonly #secrets = new Set<string>();
  #current: PushAccess | null = null;
  #since = 0;
  #asking: Promise<PushAccess> | null = null;

  constructor(
    private readonly ask: (signal: AbortSignal) => Promise<PushAccess>,
    private readonly clock: Pick<Clock, "now">,
    private readonly signal: AbortSignal,
    private readonly onSecrets: (secrets: readonly string[]) => void,
  ) {}

  /** What is in use, or new credentials where there are none or they are about to run out. @throws ApiError, the signal's reason */
  async get(): Promise<PushAccess> {
    if (this.#current !== null && this.clock.now() - this.#since < RENEW_AFTER_MS) return this.#current;
    return this.#renewed();
  }

  /** The storage rejected `rejected`. Parts run side by side: the first that is rejected renews for all. */
  async renew(rejected: string): Promise<void> {
    if (this.#current === null || this.#current.accessKey === rejected) await this.#renewed();
  }

  /** How long the credentials in use are known, in ms. */
  get age(): number {
    return this.clock.now() - this.#since;
  }

  redact(text: string): string {
    return [...this.#secrets]
      .sort((a, b) => b.length - a.length)
      .reduce((clean, secret) => clean.split(secret).join("[secret]"), text);
  }

  #renewed(): Promise<PushAccess> {
    this.#asking ??= this.ask(this.signal)
      .then((access) => {
        const secrets = [access.accessKey, access.secret, access.sessionToken].filter((secret) => secret !== "");
        for (const secret of secrets) this.#secrets.add(secret);
        this.onSecrets(secrets);
        this.#since = this.clock.now();
        return (this.#current = access);
      })
      .finally(() => (this.#asking = null));
    return this.#asking;
  }
}
