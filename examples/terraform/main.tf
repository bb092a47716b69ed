# A Daytona snapshot is the image, with its resources, that sandboxes start from.
#
# In this folder, install the provider. Without an account, open a shell with a
# local API. With an account, set DAYTONA_API_KEY instead of the last line.
#
#   npm install daytona-iac
#   npx daytona-iac install
#   npx daytona-iac local -- $SHELL
#
# Then:
#
#   terraform init
#   terraform apply
#   terraform plan      # No changes.
#   terraform destroy

terraform {
  required_providers {
    daytona = {
      source  = "daytona-iac/daytona"
      version = "~> 0.1"
    }
  }
}

# Key and address come from the environment, so that no secret is in this file.
provider "daytona" {}

# From an image in a registry. It needs a tag (not `latest`) or a digest.
# Terraform waits until the snapshot is active. If it goes idle, fails or is
# deleted, a plan shows it and the next apply repairs it.
resource "daytona_snapshot" "agent" {
  name   = "agent"
  image  = "ubuntu:24.04"
  cpu    = 2
  memory = 4 # GiB
}

# From a Dockerfile, which Daytona builds. The name is generated. If the Dockerfile
# changes, the new snapshot is created before the old one is deleted, so there is
# always one to start from.
resource "daytona_snapshot" "tools" {
  name_prefix        = "tools-"
  dockerfile_content = file("${path.module}/Dockerfile")

  # With `recreate`, Terraform replaces the snapshot, and creates before it destroys.
  replacement = "recreate"

  lifecycle {
    create_before_destroy = true
  }
}

# All existing snapshots, oldest first.
data "daytona_snapshots" "all" {
  states     = ["active"]
  depends_on = [daytona_snapshot.agent, daytona_snapshot.tools]
}

# Pass the name to the SDKs: `daytona.create({ snapshot: "agent" })`.
output "snapshot" {
  value = daytona_snapshot.agent.name
}

output "active" {
  value = data.daytona_snapshots.all.names
}
