import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ALTERNATIVES } from '../app/explain/alternatives.ts';
import { PROJECT_DIR } from '../app/pipeline/project-dir.ts';
import { KPIS, type Kpi } from '../app/report/kpis.ts';
import { RULES } from '../app/report/rules.ts';

/**
 * Files that are derived from the table of KPIs in `includes/kpis.js`, the alternative definitions in `app/explain` and the
 * variables in `dataform.json`.
 */
const MODEL = 'deploy/looker/kpis.model.lkml';
const VIEW = 'deploy/looker/daily_kpis.view.lkml';
const QUERY = 'deploy/looker/sample-query.sql';
const PAGE = 'docs/kpis.md';

/** Each derived file with the text that it should have. */
export function derivedFiles(): readonly { readonly file: string; readonly text: string }[] {
  return [
    { file: VIEW, text: lookmlView() },
    {
      file: MODEL,
      text: read(MODEL).replace(/^week_start_day: .*$/m, `week_start_day: ${RULES.week_start}`),
    },
    { file: QUERY, text: read(QUERY).replace(/week\(\w+\)/, `week(${RULES.week_start})`) },
    { file: PAGE, text: withTable(read(PAGE)) },
  ];
}

function read(file: string): string {
  return readFileSync(join(PROJECT_DIR, file), 'utf8');
}

/** The hand-written dimensions of the view, then a measure for each KPI. */
function lookmlView(): string {
  const dimensions = read(VIEW).split('\n  measure: ')[0] ?? '';
  return `${dimensions}\n${KPIS.flatMap(measuresOf).join('\n')}}\n`;
}

function measuresOf(kpi: Kpi): readonly string[] {
  const { name, type, description } = kpi;
  const own = { label: kpi.label, group: kpi.kind === 'sales' ? 'Sales' : 'Production', description };
  if (type === 'ratio')
    return [
      measure(kpi, name, 'number', own, [
        `round(${kpi.unit === 'percent' ? '100 * ' : ''}cast(\${${kpi.numerator}} as numeric)`,
        `      / nullif(greatest(cast(\${${kpi.denominator}} as numeric), 0), 0), 2)`,
      ]),
    ];
  if (type === 'distinct') {
    const text = `${description} Summed over days here: what comes on two days counts twice. For a week with each once, use weekly_kpis.${name}.`;
    const label = `${kpi.label}, by day`;
    return [
      measure(kpi, `daily_${name}`, 'sum', { ...own, label, description: text }, [`\${TABLE}.${name}`]),
    ];
  }
  if (type === 'sum') return [measure(kpi, name, 'sum', own, [`\${TABLE}.${name}`])];
  const text = `${description} Summed over units, mean over days; select one day to see its value.`;
  return [
    measure(kpi, name, 'number', { ...own, group: 'Snapshots', description: text }, [
      `round(cast(\${${name}_sum} as numeric) / nullif(\${${name}_days}, 0), 2)`,
    ]),
    hidden(`${name}_sum`, 'sum', `\${TABLE}.${name}`),
    hidden(`${name}_days`, 'count_distinct', `if(\${TABLE}.${name} is null, null, \${TABLE}.event_date)`),
  ];
}

const FORMATS = { usd: 'usd', count: 'decimal_0', percent: 'decimal_2' } as const;

function measure(
  { unit }: Kpi,
  name: string,
  type: string,
  { label, group, description }: { label: string; group: string; description: string },
  sql: readonly string[],
): string {
  return [
    `  measure: ${name} {`,
    `    type: ${type}`,
    `    label: "${label}"`,
    `    group_label: "${group}"`,
    `    description: "${description}"`,
    `    value_format_name: ${FORMATS[unit]}`,
    `    sql: ${sql.join('\n')} ;;`,
    '  }\n',
  ].join('\n');
}

function hidden(name: string, type: string, sql: string): string {
  return `  measure: ${name} {\n    type: ${type}\n    hidden: yes\n    sql: ${sql} ;;\n  }\n`;
}

/** The page with the tables of all columns and of all alternative definitions between their marks. */
function withTable(page: string): string {
  return between(between(page, 'kpis', columnsTable()), 'alternatives', alternativesTable());
}

function between(page: string, mark: string, table: string): string {
  const [begin, end] = [`<!-- ${mark}:begin -->`, `<!-- ${mark}:end -->`];
  const [before = '', rest = ''] = page.split(begin);
  return `${before}${begin}\n${table}\n${end}${rest.split(end)[1] ?? ''}`;
}

function alternativesTable(): string {
  const rows = ALTERNATIVES.map(({ model, name, isVendor, why }) => [
    `\`${model}\``,
    isVendor ? `**${name}**` : name,
    why,
  ]);
  return tableOf(['model', 'definition', 'why it is not ours'], rows);
}

function columnsTable(): string {
  const rows = KPIS.map((kpi) => [
    `\`${kpi.name}\``,
    kpi.label,
    kpi.kind,
    howOf(kpi),
    kpi.needs?.split(' ').join(', ') ?? '',
    toleranceOf(kpi),
    kpi.description,
  ]);
  const head = [
    'column',
    'people call it',
    'units',
    'how it is made',
    'NULL until read',
    'tolerance',
    'meaning',
  ];
  return tableOf(head, rows);
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function howOf({ type, unit, from, where, amount = '1', counted, numerator, denominator }: Kpi): string {
  const source = `\`${from}\`${where ? ` where \`${where}\`` : ''}`;
  if (type === 'ratio') return `${unit === 'percent' ? '100 x ' : ''}\`${numerator}\` / \`${denominator}\``;
  if (type === 'distinct') return `different \`${counted}\` of ${source}`;
  if (type === 'snapshot') return `snapshot of ${source}`;
  return amount === '1' ? `rows of ${source}` : `sum of \`${amount}\` of ${source}`;
}

function toleranceOf({ tolerance, relative, alarm, unit }: Kpi): string {
  if (tolerance === undefined) return 'not compared';
  if (relative !== undefined) return `${Number(relative) * 100} %`;
  const points = unit === 'percent' ? ' points' : '';
  return `${tolerance}${points}${alarm ? `, RED above ${alarm}` : ''}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const isCheck = process.argv.includes('--check');
  const stale = derivedFiles().filter(({ file, text }) => read(file) !== text);
  for (const { file, text } of isCheck ? [] : stale) writeFileSync(join(PROJECT_DIR, file), text);
  for (const { file } of stale)
    console.error(isCheck ? `${file} differs from includes/kpis.js; run npm run kpis` : `wrote ${file}`);
  if (isCheck && stale.length > 0) process.exitCode = 1;
}
