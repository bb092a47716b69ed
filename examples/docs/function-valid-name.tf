variable "branch" {
  type    = string
  default = "feature/new login"
}

resource "daytona_snapshot" "preview" {
  # "preview-feature/new-login"
  name  = provider::daytona::valid_name("preview-${var.branch}")
  image = "ubuntu:24.04"
}
