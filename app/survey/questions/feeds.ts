import { entities } from '../../../schemas/entities.ts';
import type { Question } from '../question.ts';

const ALL = entities.map(({ name }) => name);
const FACTS = entities.filter(({ kind }) => kind === 'fact').map(({ name }) => name);

/** What the pipeline assumes of export feeds and their tokens. */
export const FEEDS: readonly Question[] = [
  {
    id: 'continuation-token-kept',
    assumes:
      'A continuation token of an earlier survey is still accepted, so a night can go on from the last one.',
    how: 'export feeds with the tokens that the survey before kept',
    ask: { kind: 'token', change: 'of an earlier survey' },
    consequence:
      'A night that comes later than this reads again from LOOKBACK_DAYS before the watermark and says so. Nothing is lost; run nights more often than tokens expire, and expect more calls.',
    concerns: [],
  },
  {
    id: 'rows-per-export-page',
    assumes: 'A page of an export feed has at least 500 rows.',
    how: 'the first page of each feed that has more than one',
    ask: { kind: 'fact', fact: 'rows a page' },
    consequence:
      'A first night needs more calls than docs/scale.md computes; raise RATE_LIMIT_PER_SECOND (limit: 60).',
    concerns: [],
  },
  {
    id: 'continuation-token-form',
    assumes: 'A continuation token is text, and the next page has another one.',
    how: 'the first two pages of each feed',
    ask: { kind: 'fact', fact: 'token form' },
    consequence: 'The entity fails: a feed that repeats its token does not end.',
    concerns: [],
  },
  {
    id: 'repeated-call',
    assumes: 'The same call of a feed twice gives the same rows, so a retry loses nothing.',
    how: 'the first page of each feed twice',
    ask: { kind: 'fact', fact: 'repeated call' },
    consequence: 'A retried page may have other rows. Sweep once a week; a sweep reads the lists instead.',
    concerns: [],
  },
  {
    id: 'feed-order',
    assumes: 'A feed comes in the order of modifiedOn, but for a few rows.',
    how: 'neighbours on the first pages of each feed',
    ask: { kind: 'fact', fact: 'feed order' },
    consequence:
      'A backfill stops after a page that lies behind its window, so it may stop too early: use `--mode full` instead. Nights go by the token and are not affected.',
    concerns: [],
  },
  {
    id: 'feed-end',
    assumes: 'The last page of a feed has hasMore false and a token, and no page before it is empty.',
    how: 'each feed from yesterday on, five pages at most',
    ask: { kind: 'fact', fact: 'feed end' },
    consequence:
      'Empty pages are followed while their token changes, ten in a row at most; then the entity fails.',
    concerns: [],
  },
  {
    id: 'feed-has-inactive',
    assumes: 'A feed also has deactivated and deleted records.',
    how: '`active` on the sampled pages of each feed',
    ask: { kind: 'fact', fact: 'inactive' },
    consequence: 'Deleted records stay in the KPIs until a sweep lists them as missing at the source.',
    concerns: ALL,
  },
  {
    id: 'feed-start-inclusive',
    assumes: 'A feed that starts at an instant has the records of that very instant.',
    how: 'a feed from the exact modifiedOn of one record',
    ask: { kind: 'bound', at: 'start of a feed' },
    consequence:
      'A read that starts at a date leaves out the records of its first instant. Set LOOKBACK_DAYS to 1 or more (default 7), and SYNC_START_DATE a day earlier.',
    concerns: FACTS,
  },
  ...(
    [
      ['altered', 'An altered continuation token'],
      ['of another feed', 'A continuation token of another feed'],
      ['nonsense', 'A continuation token that is nonsense'],
    ] as const
  ).map(
    ([change, subject]): Question => ({
      id: `continuation-token-${change.split(' ').at(-1)}`,
      assumes: `${subject} is refused with an error, never answered with rows.`,
      how: 'one feed with such a token',
      ask: { kind: 'token', change },
      consequence:
        'A damaged cursor would be answered with other records and not noticed. Sweep after each restore of the warehouse.',
      concerns: FACTS,
    }),
  ),
];

/** Asked last: the tokens are as old as the survey. */
export const LAST: readonly Question[] = [
  {
    id: 'continuation-token-age',
    assumes: 'A continuation token from the beginning of this survey is accepted at its end.',
    how: 'the feeds with their first tokens, at the end of the survey',
    ask: { kind: 'token', change: 'of this survey' },
    consequence:
      'Tokens expire within minutes, so each night reads again from LOOKBACK_DAYS before the watermark. Set LOOKBACK_DAYS to 2 to read less, and sweep once a week.',
    concerns: [],
  },
];
