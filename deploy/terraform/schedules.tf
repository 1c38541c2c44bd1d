locals {
  job_url = "https://run.googleapis.com/v2/${google_cloud_run_v2_job.nightly.id}:run"

  schedules = {
    nightly    = { nightly = { cron = var.nightly_cron, path = null } }
    four_a_day = { cycle = { cron = "0 4,9,14,19 * * *", path = null } }
    six        = var.six_schedules
  }[var.schedule_mode]

  # Zones whose clocks never change. In all others the hours from 01:00 to 03:00 are missing or come twice on one day.
  zones_without_clock_changes = [
    "America/Phoenix", "America/Puerto_Rico", "America/Regina", "Australia/Brisbane", "Australia/Darwin",
    "Australia/Perth", "Etc/UTC", "Pacific/Honolulu", "UTC",
  ]
}

# A schedule without a path starts the job; a schedule with a path calls the service.
resource "google_cloud_scheduler_job" "run" {
  for_each = local.schedules

  name      = "${var.name}-${each.key}"
  region    = var.region
  schedule  = each.value.cron
  time_zone = var.time_zone
  paused    = var.schedules_paused
  # The service answers when the run has ended, so that Cloud Run keeps its instance until then. 30 minutes is the longest
  # deadline that Cloud Scheduler allows. The job needs no open call.
  attempt_deadline = each.value.path == null ? "180s" : "1800s"

  # The service recognises a repeated call by the Scheduler's headers and retries only what failed. The job does not: if an
  # answer is lost, a repeated call starts a second execution, and no lease keeps two executions from building the models at
  # the same time. The alert "run missing" reports a nightly run that did not start.
  retry_config {
    retry_count          = each.value.path == null ? 0 : 3
    min_backoff_duration = "30s"
  }

  http_target {
    http_method = "POST"
    uri         = each.value.path == null ? local.job_url : "${google_cloud_run_v2_service.http.uri}${each.value.path}"
    # Shorter than the deadline. If the run takes longer, the service answers 202, which is not a failure.
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

  lifecycle {
    precondition {
      condition = contains(local.zones_without_clock_changes, var.time_zone) || alltrue([
        for hour in split(",", split(" ", each.value.cron)[1]) : try(!contains([1, 2], tonumber(hour)), false)
      ])
      error_message = "Schedule ${each.key} (${each.value.cron}): on the days on which the clocks change, a time from 01:00 to 03:00 is missing or comes twice. Name other hours, one by one."
    }
  }

  depends_on = [google_cloud_run_v2_job_iam_member.scheduler_starts]
}
