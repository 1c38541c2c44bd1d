/**
 * An instant as sent, or NULL where it means "never". .NET writes such an instant as the first or the last day of its calendar, in
 * whatever zone. The local day of a neighbouring instant may be one that DATE cannot hold, and GoogleSQL then stops the whole query.
 */
function instant(raw) {
  return `if(${raw} >= timestamp '0001-01-03 00:00:00+00' and ${raw} < timestamp '9999-12-30 00:00:00+00', ${raw}, null)`;
}

/** The calendar day of an instant in the tenant's time zone. */
function localDate(instant) {
  return `date(${instant}, '${dataform.projectConfig.vars.time_zone}')`;
}

/**
 * The day of a plain date, which the API sends as midnight UTC. It is never shifted into a time zone. NULL if it means "never".
 * UTC is written out, because a BigQuery project can have another default time zone.
 */
function plainDate(midnight) {
  return `date(${instant(midnight)}, 'UTC')`;
}

/** The first day of a date's week. The variable `week_start` names the weekday on which weeks begin: Monday by default. */
function weekStart(date) {
  return `date_trunc(${date}, week(${dataform.projectConfig.vars.week_start}))`;
}

/** The day the run stands for. */
function runDate() {
  return `date '${dataform.projectConfig.vars.run_date}'`;
}

/** The first day of facts. */
function syncStartDate() {
  return `date '${dataform.projectConfig.vars.sync_start_date}'`;
}

module.exports = { instant, localDate, plainDate, weekStart, runDate, syncStartDate };
