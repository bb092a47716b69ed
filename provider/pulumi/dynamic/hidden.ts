/** Inputs that the class hands to the provider, beside those of the program. Pulumi does not show what begins with `__`. */

/** The automatic name, for a snapshot that is given none. Consumed by Check, so that no state holds it. */
export const AUTO_NAME = "__autoName";
/** Names of the inputs that are secrets, which the host opens. Only where there are some; stays in the state, for Read and Delete. */
export const SECRETS = "__secrets";
