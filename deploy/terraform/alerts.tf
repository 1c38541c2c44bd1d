locals {
  # In schedule mode six the service does the nightly run, otherwise the job does.
  night_resource = var.schedule_mode == "six" ? "cloud_run_revision" : "cloud_run_job"
  day            = "86400s"
  # The longest period that an alert may look back. The day on which the clocks go back has these 25 hours, and a nightly run
  # may end later than the one before: the alert opens another 65 minutes later.
  day_and_an_hour = "90000s"
  margin          = "3900s"
}

resource "google_monitoring_notification_channel" "email" {
  display_name = var.name
  type         = "email"

  labels = {
    email_address = var.alert_email
  }

  depends_on = [google_project_service.needed]
}

resource "google_monitoring_alert_policy" "run_failed" {
  display_name          = "${var.name}: run failed"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = [google_monitoring_notification_channel.email.id]

  conditions {
    display_name = "An execution of the job failed"
    condition_threshold {
      filter          = "metric.type = \"run.googleapis.com/job/completed_execution_count\" AND resource.type = \"cloud_run_job\" AND resource.label.job_name = \"${google_cloud_run_v2_job.nightly.name}\" AND metric.label.result = \"failed\""
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "0s"
      aggregations {
        alignment_period   = "300s"
        per_series_aligner = "ALIGN_SUM"
      }
    }
  }

  dynamic "conditions" {
    for_each = toset(["entity_failed", "model_failed"])
    content {
      display_name = google_logging_metric.counter[conditions.value].description
      condition_threshold {
        filter          = "metric.type = \"logging.googleapis.com/user/${google_logging_metric.counter[conditions.value].name}\" AND resource.type = \"${local.night_resource}\""
        comparison      = "COMPARISON_GT"
        threshold_value = 0
        duration        = "0s"
        aggregations {
          alignment_period     = "300s"
          per_series_aligner   = "ALIGN_SUM"
          cross_series_reducer = "REDUCE_SUM"
          group_by_fields      = [for label in keys(local.counters[conditions.value].labels) : "metric.label.${label}"]
        }
      }
    }
  }

  documentation {
    subject = "A run failed"
    content = "docs/runbook.md, section Run failed."
  }
}

resource "google_monitoring_alert_policy" "run_missing" {
  display_name          = "${var.name}: run missing"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = [google_monitoring_notification_channel.email.id]

  conditions {
    # The alert opens when the metric's data stop. It cannot open before the first nightly run has ended, because there are
    # no data yet, whatever evaluation_missing_data says.
    # https://cloud.google.com/monitoring/alerts/metric-absence
    display_name = "No nightly run ended in the last 26 hours"
    condition_threshold {
      filter                  = "metric.type = \"logging.googleapis.com/user/${google_logging_metric.counter["night"].name}\" AND resource.type = \"${local.night_resource}\""
      comparison              = "COMPARISON_LT"
      threshold_value         = 1
      duration                = local.margin
      evaluation_missing_data = "EVALUATION_MISSING_DATA_ACTIVE"
      aggregations {
        alignment_period     = local.day_and_an_hour
        per_series_aligner   = "ALIGN_SUM"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    subject = "No nightly run ended"
    content = "docs/runbook.md, section Run missing."
  }
}

resource "google_monitoring_alert_policy" "red_assertion" {
  display_name          = "${var.name}: RED assertion"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = [google_monitoring_notification_channel.email.id]

  conditions {
    display_name = google_logging_metric.counter["red_assertion"].description
    condition_threshold {
      filter          = "metric.type = \"logging.googleapis.com/user/${google_logging_metric.counter["red_assertion"].name}\" AND resource.type = \"${local.night_resource}\""
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "0s"
      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_SUM"
        cross_series_reducer = "REDUCE_SUM"
        group_by_fields      = ["metric.label.assertion"]
      }
    }
  }

  documentation {
    subject = "$${metric.label.assertion} is RED"
    content = "docs/runbook.md, section RED assertion."
  }
}

resource "google_monitoring_alert_policy" "freshness" {
  display_name          = "${var.name}: freshness"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = [google_monitoring_notification_channel.email.id]

  conditions {
    display_name = "An entity was not loaded for 26 hours"
    condition_threshold {
      filter                  = "metric.type = \"logging.googleapis.com/user/${google_logging_metric.counter["entity_loaded"].name}\" AND resource.type = \"${local.night_resource}\""
      comparison              = "COMPARISON_LT"
      threshold_value         = 1
      duration                = local.margin
      evaluation_missing_data = "EVALUATION_MISSING_DATA_ACTIVE"
      aggregations {
        alignment_period     = local.day_and_an_hour
        per_series_aligner   = "ALIGN_SUM"
        cross_series_reducer = "REDUCE_SUM"
        group_by_fields      = ["metric.label.entity"]
      }
    }
  }

  documentation {
    subject = "$${metric.label.entity} is stale"
    content = "docs/runbook.md, section Freshness."
  }
}

resource "google_monitoring_alert_policy" "cost" {
  display_name          = "${var.name}: cost"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = [google_monitoring_notification_channel.email.id]

  conditions {
    display_name = "BigQuery billed more than ${var.billed_gib_alert} GiB for the project's queries in 24 hours"
    condition_threshold {
      filter          = "metric.type = \"bigquery.googleapis.com/query/scanned_bytes_billed\" AND resource.type = \"global\""
      comparison      = "COMPARISON_GT"
      threshold_value = var.billed_gib_alert * 1024 * 1024 * 1024
      duration        = "0s"
      aggregations {
        alignment_period     = local.day
        per_series_aligner   = "ALIGN_SUM"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    subject = "BigQuery billed more than expected"
    content = "docs/runbook.md, section Cost."
  }
}
