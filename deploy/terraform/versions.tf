terraform {
  required_version = ">= 1.7"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 6.50"
    }
  }

  # State holds names and settings, no secret. Name a bucket of your own: terraform init -backend-config=bucket=…
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
