ephemeral "daytona_registry_push_access" "push" {}

provider "docker" {
  registry_auth {
    address  = ephemeral.daytona_registry_push_access.push.host
    username = ephemeral.daytona_registry_push_access.push.username
    password = ephemeral.daytona_registry_push_access.push.password
  }
}
