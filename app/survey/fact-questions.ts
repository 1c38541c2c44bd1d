import { IDS_PER_CALL } from '../../extract/feeds/by-id.ts';
import type { Facts, FeedFacts } from './entity-facts.ts';
import type { Observation } from './question.ts';
import { entity } from './surveyed.ts';
import { listPageOf, type Tenant } from './tenant.ts';

type FactQuestion = (all: readonly Facts[], tenant: Tenant) => Observation | Promise<Observation>;

const SLOW_MS = 10_000;
const FEW_ROWS = 500;
/** Neighbours out of order in a feed that counts as ordered: one of twenty. */
const DISORDER = 0.05;

/** One function for each question about the sampled pages. */
export const FACT_QUESTIONS: Readonly<Record<string, FactQuestion>> = {
  readable: (all) =>
    judged(all, {
      isWrong: ({ list, feed }) => list.status !== 200 || (feed !== undefined && feed.status !== 200),
      right: 'every list and feed answered 200',
      wrong: ({ list, feed }) => `list ${list.status}${feed ? `, feed ${feed.status}` : ''}`,
    }),
  speed: (all) =>
    judged(all, {
      isWrong: ({ list, feed }) => list.ms > SLOW_MS || (feed?.ms ?? 0) > SLOW_MS,
      right: `the slowest first page took ${seconds(Math.max(...all.map(({ list, feed }) => Math.max(list.ms, feed?.ms ?? 0))))}`,
      wrong: ({ list, feed }) => seconds(Math.max(list.ms, feed?.ms ?? 0)),
    }),
  'rows a page': (all) => {
    const long = withFeed(all).filter(({ feed }) => feed.hasMore);
    if (long.length === 0) return unclear('every feed fits one page');
    const rows = long.map(({ feed }) => feed.rows);
    return judged(long, {
      isWrong: ({ feed }) => feed.rows < FEW_ROWS,
      right: `${rangeText(rows)} rows`,
      wrong: ({ feed }) => `${feed.rows} rows`,
    });
  },
  'token form': (all) => {
    const feeds = answered(all);
    const lengths = feeds.map(({ feed }) => feed.tokenLength);
    return judged(feeds, {
      isWrong: ({ feed }) => feed.tokenLength === 0 || feed.tokenMoves === false,
      right: `texts of ${rangeText(lengths)} characters`,
      wrong: ({ feed }) => (feed.tokenLength === 0 ? 'no token' : 'the same token on the next page'),
    });
  },
  'repeated call': (all) =>
    judged(answered(all), {
      isWrong: ({ feed }) => !feed.isRepeatable,
      right: 'the same bytes twice from each feed',
      wrong: () => 'other bytes',
    }),
  'feed order': (all) => {
    const feeds = answered(all).filter(({ feed }) => feed.neighbours > 0);
    const [swapped, pairs] = [sum(feeds, (f) => f.disordered), sum(feeds, (f) => f.neighbours)];
    return judged(feeds, {
      isWrong: ({ feed }) => feed.disordered > feed.neighbours * DISORDER,
      right: `${swapped} of ${pairs} neighbours are not in order`,
      wrong: ({ feed }) => `${feed.disordered} of ${feed.neighbours} neighbours`,
    });
  },
  'feed end': (all) => {
    const feeds = answered(all);
    const unreached = feeds.filter(({ feed }) => feed.end === 'not reached');
    return judged(feeds, {
      isWrong: ({ feed }) => feed.end === 'without a token' || feed.emptyPages > 0,
      right: `the end of ${feeds.length - unreached.length} of ${feeds.length} feeds has a token`,
      wrong: ({ feed }) => (feed.emptyPages > 0 ? `${feed.emptyPages} empty pages` : 'no token at the end'),
    });
  },
  inactive: (all) => {
    const feeds = answered(all);
    const inactive = feeds.reduce((count, facts) => count + facts.inactive, 0);
    const found = `${inactive} of ${feeds.reduce((count, { records }) => count + records, 0)} sampled records`;
    return inactive > 0 ? { verdict: 'holds', found } : unclear(found);
  },
  'list order': (all) => {
    const seen = all.filter(({ list }) => list.order !== 'too few rows');
    if (seen.length === 0) return unclear('no list has three rows');
    return judged(seen, {
      isWrong: ({ list }) => list.order !== 'newest id first',
      right: `so in ${seen.length} lists`,
      wrong: ({ list }) => list.order,
    });
  },
  'list and feed': (all) => {
    const compared = answered(all).filter(({ feed }) => feed.differing !== undefined);
    if (compared.length === 0) return unclear('no record was found in both');
    return judged(compared, {
      isWrong: ({ feed }) => (feed.differing ?? []).length > 0,
      right: `equal in ${compared.length} entities`,
      wrong: ({ feed }) => (feed.differing ?? []).join(', '),
    });
  },
  'null keys': (all) =>
    judged(sampled(all), {
      isWrong: ({ nullKeys }) => nullKeys > 0,
      right: `none of ${all.reduce((count, { records }) => count + records, 0)} sampled records lacks it`,
      wrong: ({ nullKeys, records }) => share(nullKeys, records),
    }),
  'broken rules': (all) => byDrift(all, ['broken rule'], 'every sampled record fits'),
  'unknown fields': (all) => byDrift(all, ['new field'], 'none'),
  'unknown values': (all) => byDrift(all, ['new value'], 'none'),
  'job status': (all) => {
    const jobs = all.filter(({ entity: name, records }) => name === 'jobs' && records > 0);
    if (jobs.length === 0) return unclear('no jobs were sampled');
    return judged(jobs, {
      isWrong: ({ counts }) => (counts['another status'] ?? 0) > 0,
      right: `${jobs[0]?.counts['a blank in the status']} of ${jobs[0]?.records} with a blank`,
      wrong: ({ counts, records }) => share(counts['another status'] ?? 0, records),
    });
  },
  'estimate status': (all) => byCount(all, 'a status without a name', ['estimates'], 0),
  days: (all) => byCount(all, 'a time in the date', ['invoices', 'payments', 'gross_pay_items'], 0),
  'invoices of jobs': (all) => byCount(all, 'no job, a project and an amount', ['invoices'], 0),
  'pay of jobs': (all) => byCount(all, 'no job', ['gross_pay_items'], 0.5),
  forms: (all) => {
    const digits = [...new Set(all.flatMap(({ fractions }) => fractions))].sort((a, b) => a - b);
    const decimals = Math.max(0, ...all.map((facts) => facts.decimals));
    return judged(all, {
      isWrong: ({ fractions }) => fractions.some((each) => each > 7),
      right: `${digits.join(', ')} digits of a second; numbers with up to ${decimals} decimals`,
      wrong: ({ fractions }) => `${Math.max(...fractions)} digits of a second`,
    });
  },
  'undated invoices': undatedInvoices,
};

async function undatedInvoices(all: readonly Facts[], tenant: Tenant): Promise<Observation> {
  const invoices = all.find(({ entity: name }) => name === 'invoices');
  const undated = invoices?.counts['no date'] ?? 0;
  const found = `${undated} of ${invoices?.records ?? 0} sampled invoices have no date`;
  const ids = [...new Set(invoices?.undatedJobs)].slice(0, IDS_PER_CALL);
  if (ids.length === 0) return unclear(found);
  const jobs = entity('jobs');
  const query = { ids: ids.join(','), page: '1', pageSize: String(IDS_PER_CALL) };
  const rows = listPageOf(await tenant.get(jobs, jobs.list, query))?.rows ?? [];
  const completed = rows.filter(({ jobStatus }) => jobStatus === 'Completed').length;
  return {
    verdict: rows.length === 0 ? 'unclear' : completed === 0 ? 'holds' : 'refuted',
    found: `${found}; ${completed} of ${rows.length} of their jobs are completed`,
  };
}

type WithFeed = Facts & { readonly feed: FeedFacts };
const withFeed = (all: readonly Facts[]) =>
  all.filter((facts): facts is WithFeed => facts.feed !== undefined);
const answered = (all: readonly Facts[]) => withFeed(all).filter(({ feed }) => feed.status === 200);
const sampled = (all: readonly Facts[]) => all.filter(({ records }) => records > 0);
const sum = (feeds: readonly WithFeed[], of: (feed: FeedFacts) => number) =>
  feeds.reduce((total, { feed }) => total + of(feed), 0);

function judged<T extends { readonly entity: string }>(
  all: readonly T[],
  {
    isWrong,
    right,
    wrong,
  }: { readonly isWrong: (of: T) => boolean; readonly right: string; readonly wrong: (of: T) => string },
): Observation {
  if (all.length === 0) return unclear('nothing was sampled');
  const against = all.filter(isWrong);
  if (against.length === 0) return { verdict: 'holds', found: right };
  return {
    verdict: 'refuted',
    found: against.map((each) => `${each.entity}: ${wrong(each)}`).join('; '),
    entities: against.map((each) => each.entity),
  };
}

function byDrift(all: readonly Facts[], kinds: readonly string[], right: string): Observation {
  const of = ({ drift }: Facts) => drift.filter(({ kind }) => kinds.includes(kind));
  return judged(sampled(all), {
    isWrong: (facts) => of(facts).length > 0,
    right,
    wrong: (facts) =>
      of(facts)
        .map(({ field, records }) => `${field} in ${records}`)
        .join(', '),
  });
}

/** Refuted where more than a share of the sampled records has the property. */
function byCount(
  all: readonly Facts[],
  property: string,
  names: readonly string[],
  most: number,
): Observation {
  const asked = sampled(all).filter(({ entity: name }) => names.includes(name));
  const text = ({ entity: name, counts, records }: Facts) =>
    `${name} ${share(counts[property] ?? 0, records)}`;
  return judged(asked, {
    isWrong: ({ counts, records }) => (counts[property] ?? 0) > records * most,
    right: `${property}: ${asked.map(text).join(', ')}`,
    wrong: ({ counts, records }) => `${share(counts[property] ?? 0, records)} with ${property}`,
  });
}

const unclear = (found: string): Observation => ({ verdict: 'unclear', found });
const share = (part: number, whole: number) => `${part} of ${whole}`;
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

function rangeText(numbers: readonly number[]): string {
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  return least === most ? String(least) : `${least} to ${most}`;
}
