/** What the user should know of a context. Terraform shows one warning of those with one summary, so each kind has its own. */
export interface ContextWarning {
  readonly summary: string;
  /** A sentence or more. */
  readonly detail: string;
}
