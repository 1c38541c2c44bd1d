import { type Check, ok, skipped, warning } from './check.ts';
import { named } from './log.ts';

/** https://cloud.google.com/bigquery/quotas#partitioned_tables: a job that rebuilds a table writes all its partitions. */
const PARTITIONS_PER_JOB = 4000;
/** Partitions grow with the calendar, so this share leaves years to change a model. */
const NEAR_LIMIT = 0.8;

interface TableRow {
  readonly name: string;
  readonly partitions: string;
}

/** Checks that no table in BigQuery comes near the number of partitions that one job may write. */
export const partitions: Check = {
  name: 'partitions',
  needs: ['WAREHOUSE', 'DUCKDB_PATH', 'BQ_'],
  async run({ config, warehouse }) {
    if (config.warehouse.kind === 'duckdb') return [ok('tables in DuckDB have no partitions')];
    const opened = await warehouse();
    const isBuilt = await opened?.hasTable({ dataset: 'mart', name: 'daily_kpis' });
    if (!opened || isBuilt !== true)
      return [skipped('partitions cannot be counted before the mart is built')];
    const { raw, stage, mart } = config.datasets;
    const listed = [raw, stage, mart].map(
      (dataset) =>
        `select concat('${dataset}.', table_name) as name, partition_id from ${dataset}.INFORMATION_SCHEMA.PARTITIONS`,
    );
    const tables = await opened.query<TableRow>(
      `select name, cast(count(partition_id) as string) as partitions from (${listed.join(' union all ')}) as listed
       group by name order by count(partition_id) desc, name`,
    );
    const [most] = tables;
    if (most === undefined) return [skipped(`${raw}, ${stage} and ${mart} list no table`)];
    const near = tables.filter(({ partitions }) => Number(partitions) >= NEAR_LIMIT * PARTITIONS_PER_JOB);
    if (near.length === 0)
      return [
        ok(`${most.name} has the most, ${most.partitions} of the ${PARTITIONS_PER_JOB} that a job may write`),
      ];
    const names = named(near.map(({ name, partitions }) => `${name} (${partitions})`));
    return [
      warning(
        `near the ${PARTITIONS_PER_JOB} partitions that a job may write: ${names}`,
        'Partition the model by a longer period (partitionBy). Drop a table that every run rebuilds; copy any other into a new table.',
      ),
    ];
  },
};
