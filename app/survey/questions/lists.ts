import { entities } from '../../../schemas/entities.ts';
import type { Question } from '../question.ts';

const ALL = entities.map(({ name }) => name);

/** What the pipeline assumes of list endpoints: windows, filters, pages. */
export const LISTS: readonly Question[] = [
  {
    id: 'list-start-inclusive',
    assumes: 'modifiedOnOrAfter includes the records of its very instant.',
    how: 'a list from the exact modifiedOn of one record',
    ask: { kind: 'bound', at: 'start of a list' },
    consequence:
      'Windows of a list leave out the records of their first instant, and halved windows lose one at each edge. A sweep cannot find them. Report it before a night is trusted.',
    concerns: ALL,
  },
  {
    id: 'list-end-exclusive',
    assumes: 'modifiedBefore excludes the records of its very instant.',
    how: 'a list to the exact modifiedOn of one record',
    ask: { kind: 'bound', at: 'end of a list' },
    consequence:
      'Records at an edge come twice and fail the check of the window. Report it before a night is trusted.',
    concerns: ALL,
  },
  {
    id: 'filter-modified',
    assumes: 'modifiedOnOrAfter filters a list.',
    how: 'jobs of the last 30 days, against all',
    ask: {
      kind: 'filter',
      entity: 'jobs',
      since: { modifiedOnOrAfter: 30 },
      rows: [{ field: 'modifiedOn', is: 'in the window' }],
    },
    consequence: 'Lists cannot be read in windows: sweeps and payrolls fail. Report it to ServiceTitan.',
    concerns: ALL,
  },
  {
    id: 'filters-combine',
    assumes: 'Two filters combine with AND.',
    how: 'jobs created and modified in the last 30 days',
    ask: {
      kind: 'filter',
      entity: 'jobs',
      since: { modifiedOnOrAfter: 30, createdOnOrAfter: 30 },
      rows: [
        { field: 'modifiedOn', is: 'in the window' },
        { field: 'createdOn', is: 'in the window' },
      ],
    },
    consequence: 'Nothing breaks: the pipeline never sends both.',
    concerns: [],
  },
  {
    id: 'filter-balance',
    assumes: 'balanceFilter returns only the invoices that are open.',
    how: 'invoices with balanceFilter NotEquals 0, against all',
    ask: {
      kind: 'filter',
      entity: 'invoices',
      query: {
        activeState: 'All',
        'balanceFilter.Balance': '0',
        'balanceFilter.Comparer': 'NotEquals',
      },
      rows: [{ field: 'balance', is: 'not zero' }],
    },
    consequence:
      'A night reads the known open invoices by id instead, 50 a call, and says so. A paid invoice that opens again without a new modifiedOn is found only by REREAD_CALLS or a sweep: set REREAD_CALLS to 20.',
    concerns: ['outstanding_ar'],
  },
  {
    id: 'filter-invoiced',
    assumes: 'invoicedOnOrAfter filters invoices.',
    how: 'invoices dated in the last 30 days, against all',
    ask: {
      kind: 'filter',
      entity: 'invoices',
      query: { activeState: 'All' },
      since: { invoicedOnOrAfter: 30 },
      rows: [{ field: 'invoiceDate', is: 'in the window' }],
    },
    consequence: 'Nothing breaks: the pipeline does not use it. Do not build on it.',
    concerns: [],
  },
  {
    id: 'filter-active-state',
    assumes: 'activeState=InactiveOnly returns only deactivated invoices.',
    how: 'invoices with activeState InactiveOnly, against the default',
    ask: {
      kind: 'filter',
      entity: 'invoices',
      query: { activeState: 'InactiveOnly' },
      rows: [{ field: 'active', is: 'not active' }],
    },
    consequence:
      'Voided invoices may be missing from the list. They come by the feed; a sweep lists them as missing.',
    concerns: ['invoices'],
  },
  {
    id: 'deactivated',
    assumes: 'active=Any and activeState=All add the deactivated records to a list.',
    how: 'the count of each list with and without the parameter',
    ask: { kind: 'deactivated' },
    consequence:
      'Sweeps take deactivated records for missing, and lists without a feed never show a deactivation.',
    concerns: 'named',
  },
  {
    id: 'unknown-parameter',
    assumes: 'An unknown parameter is ignored: 200 with all rows.',
    how: 'jobs with the parameter modifiedAfter, which does not exist',
    ask: {
      kind: 'answer',
      entity: 'jobs',
      query: { modifiedAfter: '2100-01-01T00:00:00Z' },
      expects: 'all rows',
    },
    consequence: 'Nothing breaks: the pipeline sends documented parameters only.',
    concerns: [],
  },
  {
    id: 'count-only-if-asked',
    assumes: 'totalCount is null unless includeTotal asks for it.',
    how: 'jobs without includeTotal',
    ask: { kind: 'answer', entity: 'jobs', query: {}, expects: 'no count' },
    consequence: 'Nothing breaks.',
    concerns: [],
  },
  {
    id: 'page-size-cap',
    assumes: 'pageSize beyond 5,000 is refused.',
    how: 'jobs with pageSize 5001',
    ask: { kind: 'answer', entity: 'jobs', query: { pageSize: '5001' }, expects: 'refused' },
    consequence: 'Nothing breaks: the pipeline asks for 5,000.',
    concerns: [],
  },
  {
    id: 'page-size',
    assumes: 'Every list accepts pageSize 5000.',
    how: 'each list with pageSize 5000, for the last day',
    ask: { kind: 'page size' },
    consequence: 'Reads of this list are asked again in halves, down to a page that is accepted: more calls.',
    concerns: [],
  },
  {
    id: 'beyond-the-end',
    assumes: 'A page beyond the end is empty with hasMore false.',
    how: 'jobs with page 99999',
    ask: { kind: 'answer', entity: 'jobs', query: { page: '99999' }, expects: 'empty' },
    consequence: 'A list that shrinks while pages are read fails its entity for the night.',
    concerns: [],
  },
  {
    id: 'fifty-ids',
    assumes: 'More than 50 ids are refused.',
    how: 'jobs with 51 ids',
    ask: {
      kind: 'answer',
      entity: 'jobs',
      query: { ids: Array.from({ length: 51 }, (_, n) => String(n + 1)).join(',') },
      expects: 'refused',
    },
    consequence: 'Nothing breaks: the pipeline asks for 50.',
    concerns: [],
  },
  {
    id: 'list-order',
    assumes: 'A list without `sort` comes by id, the newest first.',
    how: 'the first page of each list',
    ask: { kind: 'fact', fact: 'list order' },
    consequence: 'Nothing breaks: reads are divided by modifiedOn and counted, whatever the order.',
    concerns: [],
  },
  {
    id: 'list-equals-feed',
    assumes: 'A list sends the same fields and values as the feed, but for `active`.',
    how: 'one record of each feed, by id from the list',
    ask: { kind: 'fact', fact: 'list and feed' },
    consequence: 'Sweeps report almost all records of this entity as changed. Do not sweep it.',
    concerns: 'named',
  },
];
