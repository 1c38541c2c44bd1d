locals {
  datasets = {
    raw   = { id = var.datasets.raw, description = "Every version of every record, as ServiceTitan sent it." }
    stage = { id = var.datasets.stage, description = "Newest version of each record, and facts per job, day and unit." }
    mart  = { id = var.datasets.mart, description = "Published KPIs." }
    logs  = { id = var.datasets.logs, description = "Cursors, receipts, rejected records and assertion results." }
  }
}

resource "google_bigquery_dataset" "layer" {
  for_each = local.datasets

  dataset_id                 = each.value.id
  location                   = var.location
  description                = each.value.description
  delete_contents_on_destroy = false

  labels = {
    layer = each.key
  }

  lifecycle {
    prevent_destroy = true
  }

  depends_on = [google_project_service.needed]
}
