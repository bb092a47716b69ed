import { watchParent } from "../../process/parent";
import { printsVersion } from "../../process/version";
import { serve } from "./serve";

if (!printsVersion("pulumi-resource-daytona", process.argv.slice(2)))
  void serve((port) => {
    /* eslint-disable @typescript-eslint/no-require-imports -- loaded after the port is printed, for a fast start */
    const { createService } = require("./service") as typeof import("./service");
    const { version } = require("../../version.gen") as typeof import("../../version.gen");
    const { Peers } = require("./peer") as typeof import("./peer");
    const schema = () => JSON.stringify(require("../../../schema.json"));
    return createService({ env: process.env, version, schema, peers: new Peers(port) });
  }, watchParent);
