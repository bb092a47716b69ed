data "daytona_snapshot" "base" {
  name = "agent"
}

output "last_used" {
  value = data.daytona_snapshot.base.last_used_at
}
