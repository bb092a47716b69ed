/** A user of a registry. */
export interface Password {
  readonly username: string;
  readonly secret: string;
}

/** A refresh token of OAuth 2 in place of a password, as `docker login` gets it from some registries. */
export interface IdentityToken {
  readonly identityToken: string;
}

/** Who asks; null: nobody in particular. */
export type Credentials = Password | IdentityToken | null;
