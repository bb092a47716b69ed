resource "daytona_snapshot" "prepared" {
  name           = "prepared"
  source_sandbox = "my-sandbox" # the name or the ID
}
