output "landing_uri" {
  description = "The landing, where pages are stored."
  value       = local.settings.LANDING_URI
}

output "service_url" {
  description = "Address of the HTTP service."
  value       = google_cloud_run_v2_service.http.uri
}

output "service_audience" {
  description = "The audience that a caller's token must have."
  value       = local.audience
}

output "image_repository" {
  description = "The repository to push images to."
  value       = "${var.region}-docker.pkg.dev/${var.project_id}/${google_artifact_registry_repository.images.repository_id}"
}

output "schedules" {
  description = "Cron expression of each schedule, in time_zone."
  value       = { for name, schedule in google_cloud_scheduler_job.run : name => schedule.schedule }
}
