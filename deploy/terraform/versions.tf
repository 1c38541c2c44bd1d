terraform {
  required_version = ">= 1.9"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 6.50"
    }
  }

  # The state contains names and settings, but no secrets. Set your own bucket: terraform init -backend-config=bucket=…
  backend "gcs" {
    prefix = "servicetitan-kpis"
  }
}

provider "google" {
  project = var.project_id
  region  = var.region

  default_labels = {
    app = var.name
  }
}
