/** The local calendar day of an instant; the tenant has one business zone. */
function localDate(instant) {
  return `date(${instant}, '${dataform.projectConfig.vars.time_zone}')`;
}

/** The day of a field that is a date by nature and is sent as midnight UTC: never shifted into a zone. */
function plainDate(midnight) {
  return `date(${midnight})`;
}

/**
 * The Monday of a date's week: `date_trunc(…, week(monday))`, written so that translators of BigQuery SQL cannot take it
 * for a week from Sunday, or its result for a timestamp.
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
