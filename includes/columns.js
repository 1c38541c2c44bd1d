const { KPIS } = require('./kpis');

/** The description of each published column, for all marts. */
const UNIT_COLUMNS = {
  business_unit: 'A unit of business_units.csv that has KPIs.',
  region: 'Region code shared by the units of a region.',
  kind: "sales, production or both; the other kind's columns are NULL.",
};

const KPI_COLUMNS = Object.fromEntries(KPIS.map(({ name, description }) => [name, description]));

module.exports = { UNIT_COLUMNS, KPI_COLUMNS };
