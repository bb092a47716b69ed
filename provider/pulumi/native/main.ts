import { watchParent } from "../../process/parent";
import { serve } from "./serve";

void serve(() => {
  /* eslint-disable @typescript-eslint/no-require-imports -- loaded after the port is printed, for a fast start */
  const { createService } = require("./service") as typeof import("./service");
  const { version } = require("../../version.gen") as typeof import("../../version.gen");
  const schema = () => JSON.stringify(require("../../../schema.json"));
  return createService({ env: process.env, version, schema });
}, watchParent);
