# TF_VAR_release="$(git describe --always)" terraform apply
variable "release" {
  type    = string
  default = "dev"
}

resource "daytona_snapshot" "release" {
  name       = "release"
  dockerfile = "${path.module}/agent/Dockerfile"
  build_args = {
    VERSION = var.release
  }
}
