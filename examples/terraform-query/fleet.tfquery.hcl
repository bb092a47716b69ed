variable "name_contains" {
  type    = string
  default = null
}

# Without a limit, Terraform returns at most 100 results and does not say that there are more.
list "daytona_snapshot" "fleet" {
  provider = daytona
  limit    = 10000

  config {
    name_contains = var.name_contains
    # A snapshot that has failed or is still being created cannot be imported.
    states = ["active", "inactive"]
  }
}
