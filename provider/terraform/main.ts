import { compileAsUsualLater } from "../process/jit";
import { printsVersion } from "../process/version";
import { version } from "../version.gen";
import { serve } from "./serve/serve";

compileAsUsualLater();
if (!printsVersion("terraform-provider-daytona", process.argv.slice(2)))
  void serve(
    () => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded after the handshake, for a fast start
      const { createProvider } = require("./provider") as typeof import("./provider");
      return createProvider(process.env, { version });
    },
    () => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- needed only by the first of the processes that Terraform starts for a command
      const { schemaAnswer } = require("./schema-answer.gen") as typeof import("./schema-answer.gen");
      return Buffer.from(schemaAnswer, "base64");
    },
  );
