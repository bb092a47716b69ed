// Both providers in one file, for the npm package of a platform: the runtime in it is twenty times what each of them is. It goes
// by its own name which one it is; `daytona-iac install` copies it under either.
import { version } from "../version.gen";
import { providerNamed } from "./name";

/* eslint-disable @typescript-eslint/no-require-imports -- the other one is never loaded, so that starting is as quick as with one alone */
// The system tells where the file itself lies. What it was started as is asked for the sake of a link to it.
switch (providerNamed(process.execPath, process.argv0)) {
  case "terraform":
    require("../terraform/main");
    break;
  case "pulumi":
    require("../pulumi/native/main");
    break;
  default:
    process.stderr.write(`This file holds the Terraform provider and the native Pulumi provider of daytona-iac ${version} and is neither under this name: `
      + 'run "npx daytona-iac install", or "npx daytona-iac install --pulumi", which put it where the tool looks, under the name that it looks for.\n');
    process.exitCode = 1;
}
