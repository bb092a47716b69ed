variable "pull_token" {
  type      = string
  sensitive = true
  ephemeral = true
}

resource "daytona_registry" "images" {
  name                = "images"
  url                 = "ghcr.io"
  username            = "acme-robot"
  password_wo         = var.pull_token
  password_wo_version = 1
}

resource "daytona_snapshot" "agent" {
  name       = "agent"
  image      = "ghcr.io/acme/agent:1.4.0"
  depends_on = [daytona_registry.images]
}
