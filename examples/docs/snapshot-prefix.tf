# Every change creates a snapshot with a new name.
# The old one is deleted only when the new one is active.
resource "daytona_snapshot" "agent" {
  name_prefix = "agent-"
  image       = "ubuntu:24.04"
  replacement = "recreate"

  lifecycle {
    create_before_destroy = true
  }
}

output "agent" {
  value = daytona_snapshot.agent.name
}
