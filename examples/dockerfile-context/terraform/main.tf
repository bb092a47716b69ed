terraform {
  required_providers {
    daytona = {
      source = "daytona-iac/daytona"
    }
  }
}

resource "daytona_snapshot" "agent" {
  name       = "agent"
  dockerfile = "${path.module}/../app/Dockerfile"
  build_args = { PYTHON = "3.13" }
}

output "source_hash" {
  value = daytona_snapshot.agent.source_hash
}
