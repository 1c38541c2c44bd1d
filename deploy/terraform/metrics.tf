# Metrics from the JSON log lines of app/cli/live-progress.ts. tests/deploy checks each filter against real lines.
locals {
  # Log lines of the job and of the service.
  ours = "(resource.labels.job_name = \"${var.name}\" OR resource.labels.service_name = \"${var.name}\")"

  counters = {
    night = {
      description = "Nightly runs that ended."
      filter      = "jsonPayload.type = \"night\""
      labels      = { verdict = "jsonPayload.verdict", status = "jsonPayload.status" }
    }
    entity_loaded = {
      description = "Entities that were extracted and loaded."
      filter      = "jsonPayload.type = \"done\""
      labels      = { entity = "jsonPayload.entity" }
    }
    entity_failed = {
      description = "Entities that could not be extracted or loaded."
      filter      = "jsonPayload.type = \"failed\""
      labels      = { entity = "jsonPayload.entity" }
    }
    red_assertion = {
      description = "Assertions that found rows or could not run. Warnings that found rows are YELLOW and are not counted."
      filter      = "jsonPayload.kind = \"assertion\" AND jsonPayload.status != \"passed\" AND (NOT jsonPayload.tags = \"warning\" OR jsonPayload.error : *)"
      labels      = { assertion = "jsonPayload.name" }
    }
    model_failed = {
      description = "Models that could not be built."
      filter      = "jsonPayload.kind = (\"table\" OR \"view\" OR \"incremental\") AND jsonPayload.status = \"failed\""
      labels      = { model = "jsonPayload.name" }
    }
  }

  distributions = {
    night_seconds  = { description = "Duration of a nightly run.", field = "seconds", unit = "s" }
    night_calls    = { description = "Calls to ServiceTitan, including retries.", field = "calls", unit = "1" }
    night_bytes    = { description = "Bytes received from ServiceTitan.", field = "bytes", unit = "By" }
    night_new_rows = { description = "New versions of records in the raw tables.", field = "newRows", unit = "1" }
  }
}

resource "google_logging_metric" "counter" {
  for_each = local.counters

  name        = "${var.name}/${each.key}"
  description = each.value.description
  filter      = "${local.ours} AND ${each.value.filter}"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"

    dynamic "labels" {
      for_each = each.value.labels
      content {
        key = labels.key
      }
    }
  }

  label_extractors = { for label, field in each.value.labels : label => "EXTRACT(${field})" }

  depends_on = [google_project_service.needed]
}

resource "google_logging_metric" "distribution" {
  for_each = local.distributions

  name            = "${var.name}/${each.key}"
  description     = each.value.description
  filter          = "${local.ours} AND jsonPayload.type = \"night\""
  value_extractor = "EXTRACT(jsonPayload.${each.value.field})"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = each.value.unit
  }

  depends_on = [google_project_service.needed]
}
