# The runner reads secrets, writes new pages and fills four datasets. The scheduler can only start runs.
resource "google_service_account" "runner" {
  account_id   = "${var.name}-runner"
  display_name = "Runs the nightly job and the service"

  depends_on = [google_project_service.needed]
}

resource "google_service_account" "scheduler" {
  account_id   = "${var.name}-cron"
  display_name = "Starts the nightly job and calls the service"

  depends_on = [google_project_service.needed]
}

# Running a query needs a role in the project; reading or writing a table needs a role in its dataset.
resource "google_project_iam_member" "runner_jobs" {
  project = var.project_id
  role    = "roles/bigquery.jobUser"
  member  = google_service_account.runner.member
}

resource "google_bigquery_dataset_iam_member" "runner_tables" {
  for_each = google_bigquery_dataset.layer

  dataset_id = each.value.dataset_id
  role       = "roles/bigquery.dataEditor"
  member     = google_service_account.runner.member
}

# Readers of the mart need both: a role in the dataset, and a role to run queries in the project, which pays for them.
resource "google_project_iam_member" "mart_readers_jobs" {
  for_each = toset(var.mart_readers)

  project = var.project_id
  role    = "roles/bigquery.jobUser"
  member  = each.value

  depends_on = [google_project_service.needed]
}

resource "google_bigquery_dataset_iam_member" "mart_readers" {
  for_each = toset(var.mart_readers)

  dataset_id = google_bigquery_dataset.layer["mart"].dataset_id
  role       = "roles/bigquery.dataViewer"
  member     = each.value
}

# These roles allow creating and reading objects, but not deleting, and therefore not overwriting them.
resource "google_storage_bucket_iam_member" "runner_pages" {
  for_each = toset(["roles/storage.objectCreator", "roles/storage.objectViewer"])

  bucket = google_storage_bucket.landing.name
  role   = each.value
  member = google_service_account.runner.member
}

resource "google_cloud_run_v2_job_iam_member" "scheduler_starts" {
  name     = google_cloud_run_v2_job.nightly.name
  location = google_cloud_run_v2_job.nightly.location
  role     = "roles/run.invoker"
  member   = google_service_account.scheduler.member
}
