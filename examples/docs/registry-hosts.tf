variable "tokens" {
  type      = map(string)
  sensitive = true
}

# Docker Hub, with a personal or organization access token. Every address of Docker Hub means docker.io.
resource "daytona_registry" "docker_hub" {
  name     = "docker-hub"
  url      = "docker.io"
  username = "acme"
  password = var.tokens["docker_hub"]
}

# GitHub, with a token that has the scope read:packages.
resource "daytona_registry" "github" {
  name     = "github"
  url      = "ghcr.io"
  username = "acme-robot"
  password = var.tokens["github"]
}

# Amazon ECR. A password from `aws ecr get-login-password` is valid for twelve hours.
resource "daytona_registry" "ecr" {
  name     = "ecr"
  url      = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
  username = "AWS"
  password = var.tokens["ecr"]
}

# Azure Container Registry, with a token of the registry or a service principal.
resource "daytona_registry" "azure" {
  name     = "azure"
  url      = "acme.azurecr.io"
  username = "pull-token"
  password = var.tokens["azure"]
}

# Google Artifact Registry, with the key file of a service account.
resource "daytona_registry" "google" {
  name     = "google"
  url      = "europe-docker.pkg.dev"
  username = "_json_key"
  password = var.tokens["google"]
}
