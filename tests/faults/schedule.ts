import { createRandom, type Random } from '../../sandbox/data/random.ts';
import type { Fault, FaultRule } from '../../sandbox/faults/faults.ts';
import type { Change } from '../../sandbox/store/changes.ts';
import { NAMES, type Name } from './entity-names.ts';
import { kpiFields } from './kpi-fields.ts';

/** What happens to one tenant and one warehouse over several nightly runs. The same seed gives the same schedule. */
export interface Schedule {
  readonly seed: number;
  readonly rowsPerPage: number;
  readonly lookbackDays: number;
  readonly entities: readonly Name[];
  readonly nights: readonly Night[];
}

export interface Night {
  /** The tenant's current time. */
  readonly now: string;
  /** What users changed since the previous night. */
  readonly changes: readonly Change[];
  /** Disturbed runs; a run without faults follows them. */
  readonly attempts: readonly Attempt[];
}

export interface Attempt {
  readonly mode: 'incremental' | 'full';
  readonly faults: readonly FaultRule[];
  /** What users change before the next run. A change of a balance gets no new modifiedOn. */
  readonly after: readonly Change[];
  /** Entities are read at the same time. How far the others are when the run ends is left to chance. */
  readonly isTogether: boolean;
  readonly end: End;
}

/** How an attempt ends when it does not end by itself. */
type End =
  | { readonly kind: 'itself' }
  /** The process is gone at a step. It neither logs its failure nor releases its lease. */
  | { readonly kind: 'cut'; readonly entity: string; readonly step: Step }
  /** The run is asked to stop when it reports the entity's nth event. */
  | { readonly kind: 'stop'; readonly entity: string; readonly event: number }
  /** A separate process of the command line ends by `kill -9` at this point of reading the entity. */
  | { readonly kind: 'kill'; readonly entity: string; readonly point: string };

const STEPS = ['page', 'second page', 'manifest', 'sealed', 'load', 'loaded'] as const;
export type Step = (typeof STEPS)[number];

const DAY_MS = 24 * 60 * 60 * 1000;
const FIRST_NIGHT = Date.UTC(2025, 9, 27, 12);

export function scheduleOf(seed: number): Schedule {
  const random = createRandom(seed);
  const { pick } = random;
  const first = pick(NAMES);
  // Two at a time are enough for one to get in the way of the other.
  const two = [first, pick(NAMES.filter((name) => name !== first))];
  const entities = random.oneIn(4) ? NAMES : two;
  const maker = changeMaker(random, entities);
  const nights = Array.from({ length: random.oneIn(3) ? 3 : 2 }, (_, index): Night => {
    const nowMs = FIRST_NIGHT + index * DAY_MS;
    const since = index === 0 ? nowMs - DAY_MS : nowMs - DAY_MS + 3_600_000;
    const changes = maker.changes(random.between(0, 6), since, nowMs - 7_200_000);
    let liveMs = nowMs - 3_600_000;
    const attempts = Array.from({ length: random.between(0, 2) }, (): Attempt => {
      const end = endOf(random, entities);
      const faults = Array.from({ length: random.between(0, 3) }, () => ruleOf(random, entities, end));
      const live = random.between(0, 3) === 0 ? liveRules(random, entities, maker, liveMs) : [];
      const after = maker.changes(random.between(0, 2), liveMs + 300_000, liveMs + 600_000);
      liveMs += 700_000;
      return {
        mode: random.between(0, 5) === 0 ? 'full' : 'incremental',
        faults: [...faults, ...live],
        after,
        isTogether: end.kind === 'itself' || random.oneIn(3),
        end,
      };
    });
    return { now: new Date(nowMs).toISOString(), changes, attempts };
  });
  return { seed, rowsPerPage: pick([5, 13, 20, 100]), lookbackDays: pick([0, 1, 7]), entities, nights };
}

/** Whether anything changes during a run or between the runs of a night. */
export function hasLiveChanges({ nights }: Schedule): boolean {
  const isLive = ({ faults, after }: Attempt) =>
    after.length > 0 || faults.some(({ fault }) => fault.kind === 'changes');
  return nights.some(({ attempts }) => attempts.some(isLive));
}

const KILL_STEPS = [
  'after link ENTITY/',
  'after link page-00002',
  'before link manifest.json',
  'after link manifest.json',
  'after run CREATE OR REPLACE TEMP TABLE "load_ENTITY"',
  'before run INSERT INTO "st_raw_v2"."raw_ENTITY"',
  'after run INSERT INTO "st_raw_v2"."raw_ENTITY"',
  `after run UPDATE "st_logs_v2"."ingestion_logs" SET status = 'success'`,
  'before run UPDATE "st_logs_v2"."sync_state" SET mode = ',
  'after run UPDATE "st_logs_v2"."sync_state" SET mode = ',
  'before run UPDATE "st_logs_v2"."sync_state" SET lease_owner = NULL',
  'after run COMMIT',
];

function endOf(random: Random, entities: readonly Name[]): End {
  const { pick } = random;
  const chance = random.between(0, 99);
  const entity = pick(entities);
  if (chance < 45) return { kind: 'itself' };
  if (chance < 75) return { kind: 'cut', entity, step: pick(STEPS) };
  if (chance < 88) return { kind: 'stop', entity, event: random.between(1, 9) };
  const points = [
    pick(KILL_STEPS).replace('ENTITY', entity),
    `after byte ${random.between(1, pick([1_000, 16_000]))}`,
    `${pick(['before', 'after'])} statement ${random.between(1, 30)}`,
  ];
  return { kind: 'kill', entity, point: pick(points) };
}

/** Faults that leave the data that did arrive correct. */
function ruleOf(random: Random, entities: readonly Name[], end: End): FaultRule {
  const { pick } = random;
  const anywhere: readonly Fault[] = [
    { kind: 'truncate', bytes: random.between(0, 400) },
    { kind: 'body', text: pick(['', '<html>', '{}', '[]', 'null', '{"hasMore":false}']) },
    { kind: 'envelope', set: { hasMore: pick([null, 'false', 1]) } },
    { kind: 'envelope', drop: ['hasMore'] },
    { kind: 'empty page' },
    { kind: 'expire tokens' },
    { kind: 'status', status: pick([400, 403, 404, 501]) },
    { kind: 'headers', set: { 'content-type': 'text/html', date: 'Thu, 01 Jan 1970 00:00:00 GMT' } },
  ];
  // A separate process really waits. Inside this process no wait is longer than a millisecond.
  const waited: readonly Fault[] = [
    { kind: 'status', status: pick([408, 409, 429, 500, 502, 503, 504]), html: random.between(0, 1) === 1 },
    { kind: 'reset', afterBytes: random.between(0, 900) },
  ];
  const exportOnly: readonly Fault[] = [
    { kind: 'repeat token' },
    { kind: 'envelope', set: { hasMore: false } },
    { kind: 'envelope', drop: ['continueFrom'] },
    { kind: 'shift page', rows: -random.between(1, 8) },
    { kind: 'bytes', find: '"createdOn"', hex: '22ff' },
  ];
  const listOnly: readonly Fault[] = [
    { kind: 'shift page', rows: random.between(1, 3) },
    { kind: 'envelope', set: { totalCount: random.between(1000, 2000) } },
    { kind: 'envelope', set: { page: 7 } },
  ];
  const where = { nth: random.between(1, 4), times: random.between(1, 2) };
  const general = end.kind === 'kill' ? anywhere : [...anywhere, ...waited, ...waited];
  const entity = pick(entities);
  if (entity === 'invoices' && random.oneIn(6)) {
    // The list of invoices sends every field of the export, so a record that is read again is identical.
    const fault: Fault = { kind: 'record', index: random.between(0, 4), set: { total: 'much' } };
    return { entity, feed: 'export', ...where, fault };
  }
  if (random.oneIn(2)) return { entity, ...where, fault: pick(general) };
  return entity === 'jobs' || entity === 'invoices'
    ? { entity, feed: 'export', ...where, fault: pick(exportOnly) }
    : { entity, feed: 'list', ...where, nth: 1, fault: pick(listOnly) };
}

/** Changes that happen right after a page was answered, later pages later. */
function liveRules(
  random: Random,
  entities: readonly Name[],
  maker: ReturnType<typeof changeMaker>,
  liveMs: number,
): readonly FaultRule[] {
  const entity = random.pick(entities);
  return [1, 2].map((nth) => ({
    entity,
    nth: nth + random.between(0, 1),
    fault: {
      kind: 'changes',
      changes: maker.changes(
        random.between(1, 2),
        liveMs + nth * 60_000,
        liveMs + nth * 60_000 + 50_000,
        entity,
      ),
    },
  }));
}

/** Makes changes, each with a unique mark, so that every version can be told from every other. */
function changeMaker(random: Random, entities: readonly Name[]) {
  const { pick } = random;
  let mark = 0;
  let nextId = 1000;
  const instant = (ms: number) => new Date(ms).toISOString().replace('Z', '7654Z');
  return {
    /** The changes lie between these two instants, in order. */
    changes(count: number, fromMs: number, toMs: number, entity?: Name): readonly Change[] {
      const instants = Array.from({ length: count }, () => random.between(fromMs, toMs)).sort(
        (a, b) => a - b,
      );
      return instants.map((ms): Change => {
        mark += 1;
        const name = entity ?? pick(entities);
        const set = { ...kpiFields(name, mark), ...marked(name, mark), modifiedOn: instant(ms) };
        const kind = random.between(0, 9);
        if (kind < 3) {
          nextId += 1;
          const json = JSON.stringify({ id: nextId, createdOn: set.modifiedOn, active: true, ...set });
          return { entity: name, json };
        }
        const id = String(random.between(1, 6));
        // A change during a read gets an instant of its own, because the fault rule cannot know the record's.
        if (name === 'invoices' && kind < 6 && entity === undefined)
          return { entity: name, id, set: balance(random) };
        return { entity: name, id, set };
      });
    },
  };
}

/** The balance changes and the invoice's modifiedOn does not; `SILENT` means keep it. */
function balance(random: Random): Readonly<Record<string, unknown>> {
  return { balance: random.between(0, 1) === 0 ? 0 : random.between(1, 90) + 0.5, modifiedOn: SILENT };
}

/** Stands for the modifiedOn that the record has already. */
export const SILENT = 'as it was';

function marked(name: Name, mark: number): Readonly<Record<string, unknown>> {
  switch (name) {
    case 'jobs':
      return { summary: `mark ${mark}`, total: mark };
    case 'invoices':
      return { referenceNumber: `mark ${mark}`, balance: mark % 3 === 0 ? mark : 0 };
    case 'payrolls':
      return { status: `mark ${mark}` };
    default:
      return { name: `mark ${mark}` };
  }
}
