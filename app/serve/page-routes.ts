import type { Context } from 'hono';
import { addDays, isCalendarDay } from '../../base/calendar.ts';
import { UsageError } from '../../base/errors.ts';
import { readDrift, readRejected } from '../../extract/upkeep/drift-report.ts';
import { readSchema } from '../../schemas/schema-files.ts';
import { readCell } from '../explain/cell.ts';
import { type ExplainOptions, filled, lastDay, unitsOf } from '../explain/evidence.ts';
import { explain } from '../explain/explain.ts';
import { martDate } from '../pipeline/mart-date.ts';
import { readRunning } from '../pipeline/running.ts';
import type { Session } from '../pipeline/session.ts';
import { RULES, weekOf } from '../report/rules.ts';
import { pageResponse, wantsPage } from './accept.ts';
import type { JobCost } from './pages/explain-page.tsx';
import type { LoggedNight } from './pages/run-pages.tsx';
import type { DriftLine } from './pages/state-pages.tsx';
import { HttpProblem, PROBLEM_TYPE } from './problem.ts';
import type { Answer, Parameter, Route, Service } from './route.ts';

const PAGE = { 'text/html': 'Text' } as const;
const NONE: Answer = { description: 'There is no such number.', content: { [PROBLEM_TYPE]: 'Problem' } };
const NO_WEEK: Answer = {
  description: 'There is no such complete week.',
  content: { [PROBLEM_TYPE]: 'Problem' },
};
const NO_MART: Answer = { description: 'There is no mart yet.', content: { [PROBLEM_TYPE]: 'Problem' } };

const cellParameter = (name: string, description: string): Parameter => ({
  ...{ name, in: 'path', required: true, description },
  schema: { type: 'string', maxLength: 200 },
});

/** The pages for people: the report, the explanation of a number, runs, checks. They answer also during a run. */
export function pageRoutes({ shared, reports, runs, now }: Service): readonly Route[] {
  const rendered = new WeakMap<object, string>();
  return [
    {
      methods: ['GET'],
      path: '/',
      summary: 'The report as a page; every number leads to its explanation.',
      parameters: [],
      answers: { 200: { description: 'The page.', content: PAGE }, 404: NO_MART },
      answer: async (c) => {
        const [data, { renderPage }, { LINKS, SiteNav }, { h }] = await Promise.all([
          reports.current(),
          import('../report/page.tsx'),
          import('./pages/layout.tsx'),
          import('preact'),
        ]);
        // The same data make the same page.
        const page = rendered.get(data) ?? renderPage(data, LINKS, h(SiteNav, {}));
        rendered.set(data, page);
        return pageResponse(c, page);
      },
    },
    {
      methods: ['GET'],
      path: '/kpis/{kpi}/{unit}/{period}',
      summary: 'The records behind a number, and what other definitions would give: a page, or JSON.',
      parameters: [
        cellParameter('kpi', 'A KPI of the mart, such as total_booked.'),
        cellParameter('unit', 'A business unit, or ALL.'),
        cellParameter('period', 'A day such as 2025-08-18, or a period such as 2025-08-18..2025-08-24.'),
      ],
      answers: {
        200: { description: 'The explanation.', content: { ...PAGE, 'application/json': 'Explanation' } },
        404: NONE,
      },
      answer: (c) => shared.read((session) => explainAnswer(c, session)),
    },
    {
      methods: ['GET'],
      path: '/weeks/{day}',
      summary: 'The numbers of a complete week as they are now: the company, its units, what moved.',
      parameters: [cellParameter('day', 'A day of the week, such as 2025-08-18.')],
      answers: { 200: { description: 'The page.', content: PAGE }, 404: NO_WEEK },
      answer: (c) => shared.read((session) => weekAnswer(c, session)),
    },
    {
      methods: ['GET'],
      path: '/runs',
      summary: 'What runs and waits now, and the last runs of the log.',
      parameters: [],
      answers: { 200: { description: 'The page.', content: PAGE } },
      answer: async (c) => {
        const { runsPage } = await import('./pages/run-pages.tsx');
        const found = await shared.read(async (session) => ({
          logged: await loggedNights(session),
          running: readRunning(session.config),
          timeZone: session.config.timeZone,
        }));
        return pageResponse(c, runsPage({ ...found, queued: runs.unfinished(), now: now() }));
      },
    },
    {
      methods: ['GET'],
      path: '/checks',
      summary: 'What the checks of the last run found, and every check by name.',
      parameters: [],
      answers: { 200: { description: 'The page.', content: PAGE }, 404: NO_MART },
      answer: async (c) => {
        const { checksPage } = await import('./pages/state-pages.tsx');
        return pageResponse(c, checksPage(await reports.current()));
      },
    },
  ];
}

/** The page of the entities: freshness, receipts, drift. */
export async function entitiesAnswer(c: Context, { shared, reports }: Service): Promise<Response> {
  const { entitiesPage } = await import('./pages/state-pages.tsx');
  return pageResponse(c, entitiesPage(await reports.current(), await shared.read(driftLines)));
}

async function driftLines({ warehouse, config }: Session): Promise<readonly DriftLine[]> {
  const { query } = warehouse;
  const { datasets } = config;
  const drift = await readDrift({ query, datasets, schemaOf: readSchema });
  const rejected = await readRejected(query, datasets);
  return [
    ...drift.map(({ entity, kind, field, details, records }) => ({
      ...{ entity, records: records.toLocaleString('en') },
      what: `${kind} ${field}: ${details.join(', ')}`,
    })),
    ...rejected.map(({ entity, errors, records }) => ({ entity, records, what: `rejected: ${errors}` })),
  ];
}

/** The last runs, one line for each and its mode. */
function loggedNights({ warehouse, config }: Session): Promise<readonly LoggedNight[]> {
  return warehouse.query<LoggedNight>(
    `select run_id, mode, cast(max(run_date) as string) as run_date,
       min(start_time) as started, max(end_time) as ended, cast(count(*) as string) as entities,
       cast(sum(case when status in ('failed', 'abandoned') then 1 else 0 end) as string) as failed,
       cast(sum(case when status = 'running' then 1 else 0 end) as string) as running,
       cast(sum(records_new) as string) as records_new
     from ${config.datasets.logs}.ingestion_logs
     group by run_id, mode
     order by min(start_time) desc, run_id
     limit 50`,
  );
}

async function weekAnswer(c: Context, { warehouse: { query }, config }: Session): Promise<Response> {
  const { datasets, syncStartDate } = config;
  const day = c.req.param('day') ?? '';
  if (!isCalendarDay(day)) throw new HttpProblem(404, `${day} is not a day such as 2025-08-18`);
  const runDate = await martDate(query, datasets.mart).catch(() => undefined);
  if (runDate === undefined) throw new HttpProblem(404, 'There is no mart yet; POST /nightly builds it');
  const [start, lastWeek] = [weekOf(day), addDays(weekOf(runDate), -7)];
  if (start > lastWeek) throw new HttpProblem(404, `The last complete week begins on ${lastWeek}`);
  const [{ weekPage }, { companyOf }, { reconciliationRows, unreadEntities }] = await Promise.all([
    import('./pages/week-page.tsx'),
    import('../report/totals.ts'),
    import('../report/collect.ts'),
  ]);
  // A report of the day after this week.
  const found = await companyOf({ query, datasets, syncStartDate, runDate: addDays(start, 7) });
  const { company, regions } = found;
  if (company === null) throw new HttpProblem(404, `The mart has no numbers of the week of ${start}`);
  const reconciliation = await reconciliationRows(query, datasets);
  const unread = await unreadEntities(query, datasets.logs, { runDate, chosen: namesOf(config) });
  return pageResponse(c, weekPage({ company, regions, reconciliation, lastWeek, unread }));
}

const namesOf = ({ entities }: Session['config']) => entities.map(({ name }) => name);

async function explainAnswer(c: Context, { warehouse, config }: Session): Promise<Response> {
  const { query } = warehouse;
  const { datasets, timeZone } = config;
  const runDate = (await martDate(query, datasets.mart).catch(() => undefined)) ?? config.runDate;
  const units = await query<{ business_unit: string; kind: string }>(
    `select business_unit, kind from ${datasets.stage}.int_kpi_units order by business_unit`,
  ).catch(() => {
    throw new HttpProblem(404, 'There is no mart to explain yet; POST /nightly builds it');
  });
  const cell = cellOf(c, new Map(units.map(({ business_unit, kind }) => [business_unit, kind])), runDate);
  const options = { query, datasets, engine: config.warehouse.kind, zone: timeZone, runDate, rules: RULES };
  const explanation = await explain(cell, options);
  if (!wantsPage(c)) return c.json(explanation, 200, { vary: 'Accept' });
  const [{ explainPage }, { reconciliationRows, unreadEntities }] = await Promise.all([
    import('./pages/explain-page.tsx'),
    import('../report/collect.ts'),
  ]);
  const costs = await costsOf(cell, options);
  const compared = (await reconciliationRows(query, datasets)).find(
    (row) =>
      row.kpi === cell.kpi &&
      row.business_unit === cell.businessUnit &&
      row.period_start === cell.start &&
      row.period_end === cell.end,
  );
  const unread = await unreadEntities(query, datasets.logs, { runDate, chosen: namesOf(config) });
  const isTenant = config.credentials !== null;
  return pageResponse(c, explainPage({ explanation, costs, timeZone, runDate, compared, unread, isTenant }));
}

/** @throws HttpProblem 404 that says which KPIs, units and days there are */
function cellOf(c: Context, units: ReadonlyMap<string, string>, runDate: string) {
  const [kpi, businessUnit, period] = ['kpi', 'unit', 'period'].map((name) => c.req.param(name) ?? '');
  try {
    const asked = { kpi: kpi ?? '', businessUnit: businessUnit ?? '', period: period ?? '', week: false };
    return readCell(asked, units, runDate);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new HttpProblem(404, error.problems.join('. '));
  }
}

const WITH_COSTS = new Set(['gpm_percent', 'warranty_percent']);

/** What the jobs of a margin cost. */
async function costsOf(
  cell: ReturnType<typeof readCell>,
  options: ExplainOptions,
): Promise<readonly JobCost[]> {
  if (!WITH_COSTS.has(cell.kpi)) return [];
  return options.query<JobCost>(
    filled(
      `SELECT CAST(job_id AS STRING) AS job_id, CAST(revenue AS STRING) AS revenue, CAST(labor_cost AS STRING) AS labor_cost,
         CAST(material_cost AS STRING) AS material_cost, CAST(return_amount AS STRING) AS return_amount
       FROM {stage}.int_job_facts
       WHERE ${unitsOf(cell)} AND job_start_date BETWEEN DATE '${cell.start}' AND DATE '${lastDay(cell, options)}'
         AND (revenue <> 0 OR job_cost <> 0)
       ORDER BY job_id`,
      options,
    ),
  );
}
