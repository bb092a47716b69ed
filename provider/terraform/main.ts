import { compileAsUsualLater } from "../process/jit";
import { version } from "../version.gen";
import { serve } from "./serve/serve";

compileAsUsualLater();
void serve(() => {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded after the handshake, so that starting is quick
  const { createProvider } = require("./provider") as typeof import("./provider");
  return createProvider(process.env, { version });
}, () => {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- only Terraform's first start of a command asks for it
  const { schemaAnswer } = require("./schema-answer.gen") as typeof import("./schema-answer.gen");
  return Buffer.from(schemaAnswer, "base64");
});
