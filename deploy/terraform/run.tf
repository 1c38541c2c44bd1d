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

  # A fixed audience, because the service's URL is known only after the service exists.
  audience = "https://${var.name}.${var.project_id}"
}

# The nightly run is a job, because it may take longer than an HTTP request: the first run reads years of records.
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
      # Cloud Run would retry every exit code except 0, and a RED run exits with 2: it would extract, build and report twice.
      # The run itself has already retried transient failures. A failed run needs a person (docs/runbook.md).
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

  # The process checks the issuer, audience and caller of each token. Cloud Run's own check must be off, because it removes
  # the token's signature, and the process could not check the token any more.
  invoker_iam_disabled = true

  template {
    service_account                  = google_service_account.runner.email
    timeout                          = "3600s"
    max_instance_request_concurrency = 20

    # Only one instance, so that a repeated call finds the run that the first call started.
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
        # The run continues after the request has been answered.
        cpu_idle          = false
        startup_cpu_boost = true
        limits = {
          cpu = "1"
          # A night may run here too: always in schedule mode six, and whenever somebody calls /nightly.
          memory = "2Gi"
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
