import { ALTERNATIVES, type Alternative, changes } from '../../../app/explain/alternatives.ts';
import { filled } from '../../../app/explain/evidence.ts';
import { type Measure, measureOf } from '../../../app/explain/measures.ts';
import { KPIS, type Kpi } from '../../../app/report/kpis.ts';
import { RULES } from '../../../app/report/rules.ts';
import type { Graph } from '../../../engine/compile.ts';
import type { Mutation } from './mutation.ts';

/** Each alternative definition as a change of the models: the facts of its KPIs, or the amounts of their snapshots. */
export function alternativeMutations(graph: Graph): readonly Mutation[] {
  return ALTERNATIVES.map((alternative) => {
    const kpis = KPIS.filter((kpi) => changes(alternative, kpi));
    const isSnapshot = kpis.every(({ type }) => type === 'snapshot');
    const model = isSnapshot ? 'kpi_snapshots' : 'int_facts';
    const from = graph.tables.find(({ target }) => target.name === model)?.query ?? '';
    const to = kpis.reduce((query, kpi) => replaced(query, kpi, alternative), from);
    return { name: `${alternative.model}: ${alternative.name}`, model, from, to };
  });
}

/** The query with the records of the alternative in the place of those that the KPI's model counts. */
function replaced(query: string, kpi: Kpi, alternative: Alternative): string {
  const measure = measureOf(kpi);
  const rule = measure?.alternatives.find(({ name }) => name === alternative.name);
  if (!measure || !rule) throw new Error(`${kpi.name} has no "${alternative.name}"`);
  const model = `from \`[^\`]*\\.${kpi.from}\`(?:\\s+where [^\\n]*)?`;
  const branch =
    kpi.type === 'snapshot'
      ? new RegExp(`select business_unit, '${kpi.name}'(?: as kpi)?, \\w+\\s+${model}`)
      : new RegExp(`select\\s+'${kpi.name}' as kpi,[^\`]*${model}`);
  if (!branch.test(query)) throw new Error(`the query does not name ${kpi.name} and ${kpi.from}`);
  return query.replace(branch, () => queryOf(kpi, measure, rule));
}

function queryOf({ name, type, kind }: Kpi, { pool }: Measure, rule: Measure['rule']): string {
  const counted = type === 'distinct' ? 'customer_id' : 'null';
  const columns =
    type === 'snapshot'
      ? `business_unit, '${name}' as kpi, cast(${rule.amount} as numeric) as amount`
      : `'${name}' as kpi, ${rule.date} as event_date, business_unit,
  cast(${rule.amount} as numeric) as amount, cast(${counted} as int64) as counted_id`;
  const sql = `select ${columns}
from (${pool}) as pool
where (${rule.where})
  and business_unit in (select business_unit from STAGE.int_kpi_units where kind in ('${kind}', 'both'))`;
  const options = {
    datasets: { raw: '', stage: 'STAGE', mart: '' },
    ...({ engine: 'bigquery', zone: 'America/Phoenix', runDate: '2025-10-27', rules: RULES } as const),
    query: () => Promise.resolve([]),
  };
  return filled(sql, options).replace(/\bSTAGE\.(\w+)/g, '{$1}');
}
