list "daytona_snapshot" "idle" {
  provider = daytona
  limit    = 10000 # Terraform asks for 100 where no limit is set

  config {
    name_contains = "agent-"
    states        = ["active", "inactive"]
    used_before   = timeadd(plantimestamp(), "-720h") # 30 days
  }
}
