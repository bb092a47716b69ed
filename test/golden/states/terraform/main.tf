resource "daytona_snapshot" "image" {
  name  = "image"
  image = "ubuntu:24.04"
  cpu   = 2
}

resource "daytona_snapshot" "inline" {
  name               = "inline"
  dockerfile_content = "FROM debian:12\nRUN true\n"
  triggers           = { commit = "a" }
  replacement        = "recreate"
  timeouts           = { create = "45m" }
}

resource "daytona_snapshot" "context" {
  name       = "context"
  dockerfile = "app/Dockerfile"
  build_args = { PORT = "8080" }
}

resource "daytona_snapshot" "prefixed" {
  name_prefix = "agent-"
  image       = "debian:12"
  active      = false
}

resource "daytona_snapshot" "imported" {
  name  = "imported"
  image = "python:3.12"
}

resource "daytona_snapshot" "imported_only" {
  name     = "imported-only"
  image    = "python:3.11"
  triggers = { commit = "b" }
}
