import { TerraformOutput, TerraformStack } from "cdktn";
import type { Construct } from "constructs";
import { DaytonaProvider, Snapshot } from "daytona-iac/cdktn";

/** One snapshot that sandboxes of an agent start from. */
export class AgentStack extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);

    // The API key comes from DAYTONA_API_KEY, or from a profile of the official command line tool.
    new DaytonaProvider(this, "daytona");

    const agent = new Snapshot(this, "agent", { name: "agent", image: "ubuntu:24.04", cpu: 2 });

    // The name is what sandboxes refer to.
    new TerraformOutput(this, "snapshot", { value: agent.name });
  }
}
