output "image" {
  # { registry = "ghcr.io", repository = "acme/agent", tag = "1.4.0", digest = null }
  value = provider::daytona::parse_image("ghcr.io/acme/agent:1.4.0")
}
