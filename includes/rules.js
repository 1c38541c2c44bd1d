/** Whether a KPI is taken from a saved report instead of the entities: `true` or `false` as SQL. */
function isFromReport(variable) {
  return String(dataform.projectConfig.vars[variable] === 'report');
}

/** The customer flag that leaves leads out: the substring rule of the screens, or the rule by whole words. */
function testCustomerFlag() {
  return dataform.projectConfig.vars.test_customer_rule === 'word'
    ? 'is_test_customer_word'
    : 'is_test_customer';
}

/** Whether production leaves a job type out: the variable lists names separated by `|`, none by default. */
function isExcludedFromProduction(name) {
  const excluded = dataform.projectConfig.vars.excluded_production_types.split('|').filter(Boolean);
  const list = excluded.map((type) => `'${type.replace(/'/g, "\\'")}'`).join(', ');
  return excluded.length > 0 ? `coalesce(${name} in (${list}), false)` : 'false';
}

/** The smallest net balance of a location that receivables count, as SQL. */
function receivablesMinimum() {
  return `numeric '${dataform.projectConfig.vars.receivables_minimum}'`;
}

/** Entities of ordered material: the variable `costing_source` names the one whose amounts are cost. */
const COSTING_ENTITIES = {
  purchase_orders: 'purchase_orders',
  receipts: 'receipts',
  bills: 'inventory_bills',
};

/** Whether material costs what this source says: `true` or `false` as SQL. */
function isCostingSource(source) {
  return String(dataform.projectConfig.vars.costing_source === source);
}

/** A cost with or without its tax, by the variable `costing_tax`. */
function costed(cost, tax) {
  const isUntaxed = dataform.projectConfig.vars.costing_tax === 'off';
  return isUntaxed ? `coalesce(${cost}, 0) - coalesce(${tax}, 0)` : cost;
}

/** Entities that a KPI needs, with that of the chosen source in the place of purchase orders. */
function costingNeeds(needs) {
  const chosen = COSTING_ENTITIES[dataform.projectConfig.vars.costing_source];
  return [...new Set(needs.split(' ').map((name) => (name === 'purchase_orders' ? chosen : name)))].join(' ');
}

/** Whether the vendor's sold threshold is tested on all sales of a job together, not on one estimate: `true` or `false` as SQL. */
function isThresholdOnJob() {
  return String(dataform.projectConfig.vars.sold_threshold_on === 'job');
}

/** The amount that is compared with the sold threshold. */
function comparedWithThreshold() {
  return isThresholdOnJob() === 'true' ? 'job_amount' : 'estimate_amount';
}

/**
 * A value rounded to the decimals that the screen prints: none to two. The casts change nothing on BigQuery. On DuckDB
 * rounding gives a narrower type, and without the casts the first branch would cut the digits of the others.
 */
function roundedTo(value, decimals) {
  return `case
      when ${decimals} = 0 then cast(round(${value}, 0) as numeric)
      when ${decimals} = 1 then cast(round(${value}, 1) as numeric)
      else cast(round(${value}, 2) as numeric)
    end`;
}

module.exports = {
  isFromReport,
  testCustomerFlag,
  isExcludedFromProduction,
  receivablesMinimum,
  isCostingSource,
  costed,
  costingNeeds,
  isThresholdOnJob,
  comparedWithThreshold,
  roundedTo,
};
