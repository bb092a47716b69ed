variable "name_contains" {
  type    = string
  default = null
}

# Terraform asks for 100 where no limit is set, and does not say that there are more.
list "daytona_snapshot" "fleet" {
  provider = daytona
  limit    = 10000

  config {
    name_contains = var.name_contains
    # No configuration can take over one that has failed or is not ready yet.
    states = ["active", "inactive"]
  }
}
