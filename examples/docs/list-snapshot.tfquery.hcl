list "daytona_snapshot" "idle" {
  provider = daytona
  limit    = 10000 # Terraform's default is 100

  config {
    name_contains = "agent-"
    states        = ["active", "inactive"]
    used_before   = timeadd(plantimestamp(), "-720h") # 30 days
  }
}
