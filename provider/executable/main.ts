// Both providers and the command line in one executable, for the npm package of a platform and for machines without Node: Bun's runtime is
// twenty times larger than either provider. The name of the file decides what runs. `daytona-iac install` copies it under the right name.
import { version } from "../version.gen";
import { providerNamed } from "./name";

/* eslint-disable @typescript-eslint/no-require-imports -- the other provider is never loaded, so that the executable starts as fast as one with a single provider */
// `execPath` is the path of the file itself; `argv0` also covers a link to it.
switch (providerNamed(process.execPath, process.argv0)) {
  case "terraform":
    require("../terraform/main");
    break;
  case "pulumi":
    require("../pulumi/native/main");
    break;
  case "cli":
    (require("../cli/main") as typeof import("../cli/main")).runProcess({ executable: process.execPath });
    break;
  default:
    process.stderr.write(
      `This file contains the Terraform provider and the native Pulumi provider of daytona-iac ${version}, but its name selects neither. ` +
        'Run "npx daytona-iac install" or "npx daytona-iac install --pulumi", which copies it to where the tool looks, under the right name.\n',
    );
    process.exitCode = 1;
}
