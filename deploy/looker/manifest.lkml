project_name: "servicetitan_kpis"

# The project and dataset of the mart.
constant: mart {
  value: "your-project.st_mart_v2"
  export: override_required
}
