terraform {
  required_providers {
    daytona = {
      source  = "daytona-iac/daytona"
      version = "~> 0.1"
    }
  }
}

# The API key comes from DAYTONA_API_KEY.
provider "daytona" {
  region = "us"
}
