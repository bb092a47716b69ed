list "daytona_registry" "all" {
  provider = daytona
  limit    = 10000

  config {}
}
