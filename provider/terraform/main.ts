import { version } from "../version.gen";
import { serve } from "./serve/serve";

void serve(() => {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded after the handshake, so that starting is quick
  const { createProvider } = require("./provider") as typeof import("./provider");
  return createProvider(process.env, { version });
});
