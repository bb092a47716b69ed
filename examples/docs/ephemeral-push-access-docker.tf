ephemeral "daytona_registry_push_access" "push" {}

resource "terraform_data" "push" {
  triggers_replace = provider::daytona::source_hash({ dockerfile = "${path.module}/agent/Dockerfile" })

  provisioner "local-exec" {
    command = <<-EOT
      printf %s "$PASSWORD" | docker login --username "$USERNAME" --password-stdin "$HOST"
      docker build --tag "$HOST/$PROJECT/agent:1.4.0" agent
      docker push "$HOST/$PROJECT/agent:1.4.0"
    EOT
    environment = {
      HOST     = ephemeral.daytona_registry_push_access.push.host
      PROJECT  = ephemeral.daytona_registry_push_access.push.project
      USERNAME = ephemeral.daytona_registry_push_access.push.username
      PASSWORD = ephemeral.daytona_registry_push_access.push.password
    }
  }
}
