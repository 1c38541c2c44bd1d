locals {
  job_url = "https://run.googleapis.com/v2/${google_cloud_run_v2_job.nightly.id}:run"

  schedules = {
    nightly    = { nightly = { cron = var.nightly_cron, path = null } }
    four_a_day = { cycle = { cron = "0 2,8,14,20 * * *", path = null } }
    six        = var.six_schedules
  }[var.schedule_mode]
}

# Without a path a schedule starts the job, else it calls the service.
resource "google_cloud_scheduler_job" "run" {
  for_each = local.schedules

  name             = "${var.name}-${each.key}"
  region           = var.region
  schedule         = each.value.cron
  time_zone        = var.time_zone
  paused           = var.schedules_paused
  # The service holds the call until the run has ended, so that its instance is not taken away meanwhile; 30 minutes is the
  # longest that is allowed. The job goes on by itself.
  attempt_deadline = each.value.path == null ? "180s" : "1800s"

  # The service knows a repeated call by the Scheduler's headers, and tries again only what failed. The job knows none: a
  # call that is repeated because its answer was lost starts a second execution, and models have no lease that keeps the
  # two apart. A night that did not start is told by the alert "run missing".
  retry_config {
    retry_count          = each.value.path == null ? 0 : 3
    min_backoff_duration = "30s"
  }

  http_target {
    http_method = "POST"
    uri         = each.value.path == null ? local.job_url : "${google_cloud_run_v2_service.http.uri}${each.value.path}"
    # Shorter than the deadline: a run that takes longer is answered with 202, which is no failure.
    headers = each.value.path == null ? {} : { Prefer = "wait=1740" }

    dynamic "oauth_token" {
      for_each = each.value.path == null ? [google_service_account.scheduler.email] : []
      content {
        service_account_email = oauth_token.value
      }
    }

    dynamic "oidc_token" {
      for_each = each.value.path == null ? [] : [google_service_account.scheduler.email]
      content {
        service_account_email = oidc_token.value
        audience              = local.audience
      }
    }
  }

  depends_on = [google_cloud_run_v2_job_iam_member.scheduler_starts]
}
