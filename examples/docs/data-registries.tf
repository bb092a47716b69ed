data "daytona_registries" "all" {}

output "registries" {
  value = { for registry in data.daytona_registries.all.registries : registry.id => registry.url }
}
