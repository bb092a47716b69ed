data "daytona_regions" "all" {}

output "regions" {
  value = data.daytona_regions.all.ids
}
