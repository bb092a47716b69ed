import * as pulumi from "@pulumi/pulumi";
import { Snapshot } from "daytona-iac/pulumi";

const config = new pulumi.Config();

// From an image in a registry. It needs a tag (not latest) or a digest.
// Without a name, one is generated: agent-<7 hex>.
const agent = new Snapshot("agent", { image: "ubuntu:24.04", cpu: 2, memory: 4 });

// From a Dockerfile that Daytona builds. A new toolsVersion rebuilds it:
// a successor has to become active before this one is deleted.
const tools = new Snapshot(
  "tools",
  {
    name: "tools",
    dockerfileContent: `FROM ubuntu:24.04
RUN apt-get update && apt-get install -y git curl
`,
    triggers: { version: config.get("toolsVersion") ?? "1" },
  },
  { customTimeouts: { create: "45m" } },
);

export const agentName = agent.name;
export const toolsState = tools.state;
