# Only the names of the secrets. Values are added by hand (docs/runbook.md), so that code and state never contain them.
resource "google_secret_manager_secret" "credential" {
  for_each = toset(concat(
    ["ST_CLIENT_ID", "ST_CLIENT_SECRET", "ST_TENANT_ID", "ST_APP_KEY"],
    # The address of a chat's webhook lets anybody write to that chat.
    var.notify ? ["NOTIFY_URL"] : [],
  ))

  # An earlier system in the same project may have secrets of the bare names.
  secret_id = "${var.name}-${each.value}"

  replication {
    auto {}
  }

  depends_on = [google_project_service.needed]
}

resource "google_secret_manager_secret_iam_member" "runner_reads" {
  for_each = google_secret_manager_secret.credential

  secret_id = each.value.secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.runner.member
}
