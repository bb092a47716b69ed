resource "daytona_snapshot" "local" {
  name        = "local"
  local_image = "oci-archive:${path.module}/build/image.tar"
}
