variable "project_id" {
  description = "Google Cloud project that everything is made in."
  type        = string
}

variable "image" {
  description = "Image by digest, so that a night always runs what was rolled out: REGION-docker.pkg.dev/…@sha256:…"
  type        = string

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image must end in @sha256: and 64 hexadecimal digits; a tag can be moved."
  }
}

variable "alert_email" {
  description = "Who is told when an alert opens and when it closes."
  type        = string
}

variable "name" {
  description = "Name of the job and the service, and first part of every other name."
  type        = string
  default     = "servicetitan-kpis"
}

variable "region" {
  description = "Where the job, the service and the schedules run."
  type        = string
  default     = "us-west1"
}

variable "location" {
  description = "Location of bucket and datasets; a load job needs both in one place."
  type        = string
  default     = "US"
}

variable "datasets" {
  description = "Names of the four datasets; those of the earlier system by default."
  type = object({
    raw   = optional(string, "st_raw_v2")
    stage = optional(string, "st_stage_v2")
    mart  = optional(string, "st_mart_v2")
    logs  = optional(string, "st_logs_v2")
  })
  default = {}
}

variable "schedule_mode" {
  description = "nightly: one run in the order of its dependencies; four_a_day: the same run four times; six: the earlier system's six calls."
  type        = string
  default     = "nightly"

  validation {
    condition     = contains(["nightly", "four_a_day", "six"], var.schedule_mode)
    error_message = "schedule_mode is nightly, four_a_day or six."
  }
}

variable "nightly_cron" {
  description = "When the night begins, in time_zone."
  type        = string
  default     = "0 2 * * *"
}

variable "six_schedules" {
  description = "Mode six: what is called and when. Nothing but the clock keeps the order here, so /nightly, which builds the mart, comes last."
  type        = map(object({ cron = string, path = string }))
  default = {
    customers = { cron = "0 1 * * *", path = "/ingest/customers" }
    jobs      = { cron = "15 1 * * *", path = "/ingest/jobs" }
    estimates = { cron = "30 1 * * *", path = "/ingest/estimates" }
    invoices  = { cron = "45 1 * * *", path = "/ingest/invoices" }
    payments  = { cron = "0 2 * * *", path = "/ingest/payments" }
    nightly   = { cron = "30 2 * * *", path = "/nightly" }
  }
}

variable "schedules_paused" {
  description = "Pauses every schedule."
  type        = bool
  default     = false
}

variable "time_zone" {
  description = "Zone of the schedules and of the KPIs' days and weeks."
  type        = string
  default     = "America/Phoenix"
}

variable "settings" {
  description = "Further environment variables of the job and the service, like COLLECTIONS_REPORT; never a secret."
  type        = map(string)
  default     = {}

  validation {
    condition     = !anytrue([for name in keys(var.settings) : can(regex("SECRET|TOKEN|PASSWORD|ST_APP_KEY|ST_CLIENT_ID", name))])
    error_message = "Secrets belong into Secret Manager; see secrets.tf."
  }
}

variable "landing_retention_days" {
  description = "How long nobody can delete a landed page."
  type        = number
  default     = 365
}

variable "service_ingress" {
  description = "Who reaches the service at all; Cloud Scheduler of this project counts as internal."
  type        = string
  default     = "INGRESS_TRAFFIC_INTERNAL_ONLY"
}

variable "service_callers" {
  description = "E-mail addresses of service accounts that may call the service besides the scheduler."
  type        = list(string)
  default     = []
}

variable "mart_readers" {
  description = "Members that may run queries here and read the mart alone, like serviceAccount:looker@….iam.gserviceaccount.com."
  type        = list(string)
  default     = []
}

variable "billed_gib_alert" {
  description = "Alert when queries of the project are billed for more than this in 24 hours, GiB."
  type        = number
  default     = 100
}
