import type { Row } from './tenant.ts';

const STATUSES = ['scheduled', 'dispatched', 'inprogress', 'hold', 'completed', 'canceled'];
const isDay = (value: unknown) => value === null || /T00:00:00(\.0+)?Z$/.test(String(value));

/** Properties of records that questions ask about, by entity and name. */
const COUNTED: Readonly<Record<string, Readonly<Record<string, (row: Row) => boolean>>>> = {
  jobs: {
    'another status': ({ jobStatus }) =>
      !STATUSES.includes(String(jobStatus).toLowerCase().replace(/\s/g, '')),
    'a blank in the status': ({ jobStatus }) => /\s/.test(String(jobStatus)),
    completed: ({ completedOn }) => completedOn !== null && completedOn !== undefined,
  },
  estimates: {
    'a status without a name': ({ status }) => typeof Object(status).name !== 'string',
  },
  invoices: {
    'no date': ({ invoiceDate }) => invoiceDate === null || invoiceDate === undefined,
    'a time in the date': ({ invoiceDate = null }) => !isDay(invoiceDate),
    'no job': ({ job }) => job === null || job === undefined,
    'no job, a project and an amount': ({ job, projectId, total }) =>
      (job === null || job === undefined) && typeof projectId === 'number' && Number(total) !== 0,
    'an adjustment': ({ adjustmentToId }) => typeof adjustmentToId === 'number',
  },
  payments: { 'a time in the date': ({ date = null }) => !isDay(date) },
  gross_pay_items: {
    'a time in the date': ({ date = null }) => !isDay(date),
    'no job': ({ jobId }) => jobId === null || jobId === undefined || jobId === 0,
  },
};

/** How many rows have each counted property. */
export function countsOf(entity: string, rows: readonly Row[]): Readonly<Record<string, number>> {
  const properties = Object.entries(COUNTED[entity] ?? {});
  return Object.fromEntries(properties.map(([name, test]) => [name, rows.filter(test).length]));
}
