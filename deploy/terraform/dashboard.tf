resource "google_monitoring_dashboard" "nights" {
  dashboard_json = templatefile("${path.module}/dashboard.json.tftpl", { name = var.name })

  # Monitoring refuses a chart of a metric that does not exist yet.
  depends_on = [google_logging_metric.counter, google_logging_metric.distribution]
}
