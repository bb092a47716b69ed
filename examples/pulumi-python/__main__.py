"""Daytona snapshots: one from an image, one from a Dockerfile."""

import pulumi
from daytona_iac_pulumi import Snapshot, get_regions

# Without a name, one is generated: agent-<7 hex>.
agent = Snapshot("agent", image="ubuntu:24.04", cpu=2, memory=4)

# Daytona builds it. A new text rebuilds it: a successor has to become active before this one is deleted.
tools = Snapshot(
    "tools",
    name="tools",
    dockerfile_content="FROM ubuntu:24.04\nRUN apt-get update && apt-get install -y git curl\n",
    opts=pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="45m")),
)

pulumi.export("agent", agent.name)
pulumi.export("tools", tools.name)
pulumi.export("tools_state", tools.state)
pulumi.export("regions", get_regions().ids)
