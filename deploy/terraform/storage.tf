# The landing: pages are written once and never changed. Load jobs and `replay` read them.
resource "google_storage_bucket" "landing" {
  name                        = "${var.project_id}-${var.name}-landing"
  location                    = var.location
  storage_class               = "STANDARD"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = false

  # Not locked, because a lock is permanent. Lock it when the number of days is final.
  retention_policy {
    retention_period = var.landing_retention_days * 24 * 60 * 60
  }

  lifecycle_rule {
    action {
      type          = "SetStorageClass"
      storage_class = "NEARLINE"
    }
    condition {
      age                   = 30
      matches_storage_class = ["STANDARD"]
    }
  }

  lifecycle_rule {
    action {
      type          = "SetStorageClass"
      storage_class = "ARCHIVE"
    }
    condition {
      age                   = 365
      matches_storage_class = ["NEARLINE"]
    }
  }

  # Copies of pages for load jobs. The retention policy keeps them as long as the pages themselves.
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age            = 1
      matches_prefix = ["landing/load/"]
    }
  }

  lifecycle {
    prevent_destroy = true
  }

  depends_on = [google_project_service.needed]
}
