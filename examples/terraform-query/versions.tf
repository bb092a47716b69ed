terraform {
  required_version = ">= 1.14"

  required_providers {
    daytona = {
      source = "daytona-iac/daytona"
    }
  }
}

provider "daytona" {}
