variable "project_id" {
  description = "Google Cloud project of all resources."
  type        = string
}

variable "image" {
  description = "Image with its digest, so that every run uses exactly this image: REGION-docker.pkg.dev/…@sha256:…"
  type        = string

  validation {
    condition     = can(regex("sha256:[0-9a-f]{64}$", var.image))
    error_message = "image must end in @sha256: and 64 hexadecimal digits, because a tag can be moved to another image."
  }
}

variable "alert_email" {
  description = "E-mail address that is notified when an alert opens and when it closes."
  type        = string
}

variable "name" {
  description = "Name of the job and the service, and prefix of all other names."
  type        = string
  default     = "servicetitan-kpis"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,21}[a-z0-9]$", var.name))
    error_message = "name must have 6 to 23 lower-case letters, digits and hyphens, because the name of the account NAME-runner may have 30."
  }
}

variable "region" {
  description = "Region of the job, the service and the schedules."
  type        = string
  default     = "us-west1"
}

variable "location" {
  description = "Location of the bucket and the datasets. Load jobs need both in the same location."
  type        = string
  default     = "US"
}

variable "datasets" {
  description = "Names of the four datasets. The defaults are the names in the earlier system."
  type = object({
    raw   = optional(string, "st_raw_v2")
    stage = optional(string, "st_stage_v2")
    mart  = optional(string, "st_mart_v2")
    logs  = optional(string, "st_logs_v2")
  })
  default = {}
}

variable "schedule_mode" {
  description = "nightly: one run a day; four_a_day: the same run four times a day; six: six calls to the service, as in the earlier system."
  type        = string
  default     = "nightly"

  validation {
    condition     = contains(["nightly", "four_a_day", "six"], var.schedule_mode)
    error_message = "schedule_mode must be nightly, four_a_day or six."
  }
}

variable "nightly_cron" {
  description = "Start of the nightly run, in time_zone."
  type        = string
  default     = "0 4 * * *"
}

variable "six_schedules" {
  description = "Calls in mode six: cron expression and path. Only the times determine the order, so /nightly, which builds the mart, must be last."
  type        = map(object({ cron = string, path = string }))
  default = {
    customers = { cron = "0 4 * * *", path = "/ingest/customers" }
    jobs      = { cron = "15 4 * * *", path = "/ingest/jobs" }
    estimates = { cron = "30 4 * * *", path = "/ingest/estimates" }
    invoices  = { cron = "45 4 * * *", path = "/ingest/invoices" }
    payments  = { cron = "0 5 * * *", path = "/ingest/payments" }
    nightly   = { cron = "30 5 * * *", path = "/nightly" }
  }
}

variable "schedules_paused" {
  description = "true pauses all schedules."
  type        = bool
  default     = false
}

variable "time_zone" {
  description = "Time zone of the schedules, and of the days and weeks of KPIs."
  type        = string
  default     = "America/Phoenix"
}

variable "settings" {
  description = "More environment variables for the job and the service, such as COLLECTIONS_REPORT. Never put a secret here."
  type        = map(string)
  default     = {}

  validation {
    condition     = !anytrue([for name in keys(var.settings) : can(regex("SECRET|TOKEN|PASSWORD|ST_APP_KEY|ST_CLIENT_ID|NOTIFY_URL", name))])
    error_message = "settings must not contain secrets. Put them into Secret Manager; see secrets.tf."
  }
}

variable "notify" {
  description = "Whether each night sends a message to a chat. Its secret NAME-NOTIFY_URL must have a value before the next run."
  type        = bool
  default     = false
}

variable "landing_retention_days" {
  description = "Days during which nobody can delete a landed page."
  type        = number
  default     = 365
}

variable "service_ingress" {
  description = "Networks that can reach the service. Cloud Scheduler of this project counts as internal."
  type        = string
  default     = "INGRESS_TRAFFIC_INTERNAL_ONLY"
}

variable "service_callers" {
  description = "E-mail addresses of service accounts that may call the service, in addition to the scheduler."
  type        = list(string)
  default     = []
}

variable "mart_readers" {
  description = "Members that may run queries in the project and read only the mart, such as serviceAccount:looker@….iam.gserviceaccount.com."
  type        = list(string)
  default     = []
}

variable "billed_gib_alert" {
  description = "An alert opens when BigQuery bills more than this for queries of the project in 24 hours, in GiB."
  type        = number
  default     = 100
}
