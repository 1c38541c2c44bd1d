locals {
  settings = merge({
    BQ_PROJECT_ID    = var.project_id
    BQ_LOCATION      = var.location
    BQ_DATASET_RAW   = var.datasets.raw
    BQ_DATASET_STAGE = var.datasets.stage
    BQ_DATASET_MART  = var.datasets.mart
    BQ_DATASET_LOGS  = var.datasets.logs
    KPI_TIME_ZONE    = var.time_zone
    LANDING_URI      = "gs://${google_storage_bucket.landing.name}/landing"
  }, var.settings)

  # A name of our own: the service's address is known only after it exists.
  audience = "https://${var.name}.${var.project_id}"
}

# The night. It may take hours, the first one with its years of records most of all, which a request may not.
resource "google_cloud_run_v2_job" "nightly" {
  name                = var.name
  location            = var.region
  deletion_protection = true

  template {
    task_count  = 1
    parallelism = 1

    template {
      service_account = google_service_account.runner.email
      timeout         = "21600s"
      # A second try would follow each exit code but 0, and a RED night ends with 2: it would be read, built and told twice.
      # What may pass was tried again within the run; a run that failed is for somebody to look at (docs/runbook.md).
      max_retries = 0

      containers {
        image = var.image
        args  = ["nightly"]

        resources {
          limits = {
            cpu    = "2"
            memory = "2Gi"
          }
        }

        dynamic "env" {
          for_each = local.settings
          content {
            name  = env.key
            value = env.value
          }
        }

        dynamic "env" {
          for_each = google_secret_manager_secret.credential
          content {
            name = env.key
            value_source {
              secret_key_ref {
                secret  = env.value.secret_id
                version = "latest"
              }
            }
          }
        }
      }
    }
  }

  depends_on = [google_secret_manager_secret_iam_member.runner_reads]
}

resource "google_cloud_run_v2_service" "http" {
  name                = var.name
  location            = var.region
  ingress             = var.service_ingress
  custom_audiences    = [local.audience]
  deletion_protection = true

  # The process checks each token itself: issuer, audience, caller. Cloud Run's own check would take the signature out
  # of the token before the process sees it, and then there is nothing left to check.
  invoker_iam_disabled = true

  template {
    service_account                  = google_service_account.runner.email
    timeout                          = "3600s"
    max_instance_request_concurrency = 20

    # One instance: a second call finds the run that the first one started.
    scaling {
      min_instance_count = 0
      max_instance_count = 1
    }

    containers {
      image = var.image
      args  = ["serve"]

      ports {
        container_port = 8080
      }

      resources {
        # A run goes on after its request was answered.
        cpu_idle          = false
        startup_cpu_boost = true
        limits = {
          cpu    = "1"
          memory = "1Gi"
        }
      }

      startup_probe {
        period_seconds    = 1
        failure_threshold = 30
        http_get {
          path = "/health"
        }
      }

      liveness_probe {
        period_seconds = 30
        http_get {
          path = "/health"
        }
      }

      dynamic "env" {
        for_each = merge(local.settings, {
          SERVE_AUDIENCE        = local.audience
          SERVE_ALLOWED_CALLERS = join(",", concat([google_service_account.scheduler.email], var.service_callers))
        })
        content {
          name  = env.key
          value = env.value
        }
      }

      dynamic "env" {
        for_each = google_secret_manager_secret.credential
        content {
          name = env.key
          value_source {
            secret_key_ref {
              secret  = env.value.secret_id
              version = "latest"
            }
          }
        }
      }
    }
  }

  depends_on = [google_secret_manager_secret_iam_member.runner_reads]
}
