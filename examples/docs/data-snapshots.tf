data "daytona_snapshots" "idle" {
  name_contains = "agent-"
  states        = ["inactive", "error"]
}

output "idle" {
  value = data.daytona_snapshots.idle.names
}
