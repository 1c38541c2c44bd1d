project_name: "servicetitan_kpis"

# Where the mart is: project.dataset.
constant: mart {
  value: "your-project.st_mart_v2"
  export: override_required
}
