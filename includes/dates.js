/** The calendar day of an instant in the tenant's time zone. */
function localDate(instant) {
  return `date(${instant}, '${dataform.projectConfig.vars.time_zone}')`;
}

/** The day of a plain date, which the API sends as midnight UTC. It is never shifted into a time zone. */
function plainDate(midnight) {
  return `date(${midnight})`;
}

/**
 * The Monday of a date's week. It is `date_trunc(…, week(monday))`, written so that translators of BigQuery SQL cannot
 * misread it as a week from Sunday, or its result as a timestamp.
 */
function weekStart(date) {
  return `date_sub(${date}, interval mod(extract(dayofweek from ${date}) + 5, 7) day)`;
}

/** The day the run stands for. */
function runDate() {
  return `date '${dataform.projectConfig.vars.run_date}'`;
}

/** The first day of facts. */
function syncStartDate() {
  return `date '${dataform.projectConfig.vars.sync_start_date}'`;
}

module.exports = { localDate, plainDate, weekStart, runDate, syncStartDate };
