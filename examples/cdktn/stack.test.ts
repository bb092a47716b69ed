import { Testing } from "cdktn";
import "cdktn/lib/testing/adapters/jest"; // the types of the matchers
import { DaytonaProvider, Snapshot } from "daytona-iac/cdktn";
import { AgentStack } from "./stack";

Testing.setupJest(); // the matchers themselves

test("the agents' snapshot is ubuntu with two cores", () => {
  const synthesized = Testing.synth(new AgentStack(Testing.app(), "test"));

  expect(synthesized).toHaveProvider(DaytonaProvider);
  expect(synthesized).toHaveResourceWithProperties(Snapshot, { name: "agent", image: "ubuntu:24.04", cpu: 2 });
});

test("source and name are checked at synth, too", () => {
  const stack = new AgentStack(Testing.app(), "test");
  const agent = stack.node.findChild("agent") as Snapshot;
  agent.resetImage();

  expect(() => Testing.synth(stack, true)).toThrow(
    "set exactly one of image, dockerfile, dockerfileContent, localImage and sourceSandbox",
  );
});

// These two run Terraform. They need `npx daytona-iac install` and a key, which `npx daytona-iac local -- npm test` sets.
const withTerraform = process.env.DAYTONA_API_KEY ? test : test.skip;

withTerraform(
  "Terraform finds it valid",
  () => {
    expect(Testing.fullSynth(new AgentStack(Testing.app(), "test"))).toBeValidTerraform();
  },
  60_000,
);

withTerraform(
  "Terraform can plan it",
  () => {
    expect(Testing.fullSynth(new AgentStack(Testing.app(), "test"))).toPlanSuccessfully();
  },
  60_000,
);
