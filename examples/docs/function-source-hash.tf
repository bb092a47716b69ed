locals {
  source = {
    dockerfile_content = <<-EOT
      FROM ubuntu:24.04
      RUN apt-get update && apt-get install -y git
    EOT
  }
  hash = provider::daytona::source_hash(local.source)
}

# Each version of the source gets its own name.
resource "daytona_snapshot" "agent" {
  name               = "agent-${substr(local.hash, 3, 8)}"
  dockerfile_content = local.source.dockerfile_content

  lifecycle {
    create_before_destroy = true
  }
}
