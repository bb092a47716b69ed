resource "daytona_snapshot" "app" {
  name       = "app"
  dockerfile = "${path.module}/agent/Dockerfile"

  # Values for ARG instructions. Not for secrets: the Dockerfile that is sent contains them.
  build_args = {
    VERSION = "1.2"
  }
}
