import { App, TerraformStack } from "cdktf";
import { DaytonaProvider, Snapshot } from "daytona-iac/cdktf";

const app = new App();
const stack = new TerraformStack(app, "dockerfile-context");
new DaytonaProvider(stack, "daytona");
// Paths start from the working directory of the program.
new Snapshot(stack, "agent", { name: "agent", dockerfile: "../app/Dockerfile", buildArgs: { PYTHON: "3.13" } });
app.synth();
