import { dirname } from "node:path";

/** The folder of the package, which has `package.json` and `dist/`. This file is never bundled, because it goes by its own place. */
export const packageRoot = dirname(dirname(__dirname));
