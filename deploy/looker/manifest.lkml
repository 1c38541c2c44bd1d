project_name: "servicetitan_kpis"

# Where the mart is: project.dataset.
constant: mart {
  value: "your-project.st_mart_v2"
  export: override_required
}

constant: logs {
  value: "your-project.st_logs_v2"
  export: override_required
}
