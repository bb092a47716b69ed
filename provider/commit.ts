/** The commit that this was built from; "unknown" where it was built outside of Git. `npm run build` writes it (scripts/commit.mjs). */
export const commit: string = "unknown";
