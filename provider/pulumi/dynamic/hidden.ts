/** Inputs that the class passes to the provider in addition to those of the program. Pulumi hides names that begin with `__`. */

/** The automatic name of a snapshot without a name. Check removes it, so that it is never in a state. */
export const AUTO_NAME = "__autoName";
/** Names of the secret inputs, because the host decrypts them. Only set if there are any; stays in the state for Read and Delete. */
export const SECRETS = "__secrets";
