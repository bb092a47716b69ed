resource "daytona_snapshot" "agent" {
  name   = "agent"
  image  = "ubuntu:24.04"
  cpu    = 2
  memory = 4
  disk   = 10
}
