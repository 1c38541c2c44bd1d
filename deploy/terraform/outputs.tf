output "landing_uri" {
  description = "Where pages land."
  value       = local.settings.LANDING_URI
}

output "service_url" {
  description = "Address of the HTTP service."
  value       = google_cloud_run_v2_service.http.uri
}

output "service_audience" {
  description = "What a caller's token must be made out to."
  value       = local.audience
}

output "image_repository" {
  description = "Where images are pushed."
  value       = "${var.region}-docker.pkg.dev/${var.project_id}/${google_artifact_registry_repository.images.repository_id}"
}

output "schedules" {
  description = "What runs when, in time_zone."
  value       = { for name, schedule in google_cloud_scheduler_job.run : name => schedule.schedule }
}
