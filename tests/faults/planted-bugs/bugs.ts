/** A bug that is planted in a copy of the source and that the suite must find. */
export interface Bug {
  /** The bug in words; docs/faults.md lists it under this name. */
  readonly name: string;
  readonly file: string;
  /** The first occurrence in the file is replaced. */
  readonly from: string;
  readonly to: string;
  /** The suite file that is run, and a regular expression that selects its tests by title. */
  readonly suite: string;
  readonly tests: string;
  /** What the failure must say, for a test that could fail for many reasons. */
  readonly symptom?: string;
}

/** A schedule in which a job changes twice in a night, the second time after a run that read the first change. */
export const MART_SEED = 236;

const LOAD = 'extract/load/create-warehouse.ts';

export const BUGS: readonly Bug[] = [
  {
    name: 'the cursor moves before the load',
    file: LOAD,
    from: 'state.assertLease(lease),',
    to: "state.assertLease(lease), state.move(lease, moved, now), 'commit', 'begin transaction',",
    suite: 'kill',
    tests: 'kill -9 (before|after) the insert',
  },
  {
    name: 'a run is logged as loaded before it is loaded',
    file: LOAD,
    from: 'state.assertLease(lease),',
    to: `state.assertLease(lease),
          logs.succeed(receipt, manifest, now, countsIn(raw, entity, manifest, rebuilds)),
          'commit',
          'begin transaction',`,
    suite: 'kill',
    tests: 'kill -9 (before|after) the insert',
  },
  {
    name: 'hasMore is ignored',
    file: 'extract/feeds/export.ts',
    from: 'if (!page.hasMore) return;',
    to: 'return;',
    suite: 'http',
    tests: '429 without',
  },
  {
    name: 'hasMore that is not a boolean is taken for the end',
    file: 'extract/pages/page.ts',
    from: "if (typeof hasMore !== 'boolean') {",
    to: 'if (hasMore === 17) {',
    suite: 'body',
    tests: 'hasMore (missing|null)',
  },
  {
    name: 'an empty page with hasMore true is accepted',
    file: 'extract/pages/page.ts',
    from: 'if (hasMore && scan.starts.length === 0) {',
    to: 'if (hasMore === 17) {',
    suite: 'body',
    tests: 'hasMore true on an empty page',
  },
  {
    name: 'a repeated continuation token is followed',
    file: 'extract/feeds/export.ts',
    from: 'if (tokens.has(page.continueFrom)) {',
    to: 'if (tokens.size < 0) {',
    suite: 'body',
    tests: 'the continuation token that was sent',
  },
  {
    name: 'the hash of a landed page is not checked',
    file: 'extract/landing/manifest.ts',
    from: 'if (sha256(bytes) === file.sha256) return bytes;',
    to: 'if (file.sha256) return bytes;',
    suite: 'stored',
    tests: 'replaced by another page',
  },
  {
    name: 'fencing of leases is off',
    file: LOAD,
    from: 'state.assertLease(lease),',
    to: '',
    suite: 'lease',
    tests: 'fencing',
  },
  {
    name: 'the lease of a living run is taken over',
    file: LOAD,
    from: 'if (owner !== null && isLeaseActive(',
    to: "if (owner === '' && isLeaseActive(",
    suite: 'lease',
    tests: 'living process',
  },
  {
    name: 'a run waits for the lease of a dead process',
    file: 'extract/load/lease-owner.ts',
    from: '!isDeadOwner(owner)',
    to: 'Boolean(isDeadOwner)',
    suite: 'lease',
    tests: 'killed',
  },
  {
    name: 'the receipt is not checked',
    file: 'extract/feeds/list.ts',
    from: 'if (keys.size === totalCount) {',
    to: 'if (keys.size >= 0) {',
    suite: 'body',
    tests: 'rows left out of a list',
  },
  {
    name: 'a receipt counts rows instead of records',
    file: 'extract/feeds/list.ts',
    from: 'keys.add(key ?? ',
    to: "keys.add(' '.repeat(keys.size) || ",
    suite: 'body',
    tests: 'one row twice and one missing',
  },
  {
    name: 'the tenant of a warehouse is not checked',
    file: 'app/pipeline/source.ts',
    from: 'if (problems.length === 0) return',
    to: 'if (problems.length >= 0) return',
    suite: 'stored',
    tests: 'for another tenant stops',
  },
  {
    name: 'an unchanged version is added again',
    file: 'extract/load/sql/versions.ts',
    from: 'and (i.hash_before is null or i.hash_before <> i._row_hash)',
    to: '',
    suite: 'page',
    tests: 'rows that come twice',
  },
  {
    name: 'landed pages of a stopped run are not loaded',
    file: 'extract/run.ts',
    from: 'for (const runId of unfinishedRuns) {',
    to: 'for (const runId of unfinishedRuns.slice(unfinishedRuns.length)) {',
    suite: 'kill',
    tests: 'kill -9 after the manifest',
  },
  {
    name: 'a doubled key is passed on',
    file: 'extract/pages/write-lines.ts',
    from: '|| scan.memberCounts[index] !== countMembers(record);',
    to: ';',
    suite: 'record',
    tests: 'break their schema',
  },
  {
    name: 'a rejected record is dropped silently',
    file: 'extract/pages/page-writer.ts',
    from: 'if (newlyRejected.length > 0) {',
    to: 'if (newlyRejected.length < 0) {',
    suite: 'record',
    tests: 'corrupted in transit',
  },
  {
    name: 'an expired access token fails the run',
    file: 'extract/api/client.ts',
    from: 'if (answer.status !== 401 || renewed) return answer;',
    to: 'if (answer.status !== 0 || renewed) return answer;',
    suite: 'auth',
    tests: 'expires in the middle',
  },
  {
    name: 'retry-after as a date is measured by our clock',
    file: 'extract/api/retry-delay.ts',
    from: "Date.parse(answer.date ?? '')",
    to: "Date.parse('')",
    suite: 'page',
    tests: 'an hour ahead',
  },
  {
    name: 'a day that does not exist passes the schema',
    file: 'schemas/validator.ts',
    from: 'if (isInEveryMonth) return true;',
    to: 'if (isInEveryMonth || text) return true;',
    suite: 'record',
    tests: 'a day that does not exist',
  },
  {
    name: 'open records are listed before unfinished runs are loaded',
    file: 'extract/run.ts',
    from: 'const cursor = await loadUnfinishedRuns(start, options);',
    to: `const before = await warehouse.openRecords(entity.name);
    warehouse.openRecords = async () => before;
    const cursor = await loadUnfinishedRuns(start, options);`,
    suite: 'kill',
    tests: 'a balance that moves',
  },
  {
    name: 'a replay empties the table before it can fill it',
    file: LOAD,
    from: ' where true`]',
    to: " where true`, 'commit', 'begin transaction']",
    suite: 'kill',
    tests: 'middle of a replay',
  },
  {
    name: 'a window starts a millisecond after the previous one ends',
    file: 'extract/feeds/list.ts',
    from: 'window: { from: middle, before }',
    to: 'window: { from: new Date(middle.getTime() + 1), before }',
    suite: 'page',
    tests: 'a millisecond beside it',
  },
  {
    name: 'a sweep takes a missing record for a known one',
    file: 'extract/upkeep/sweep.ts',
    from: 'if (record !== undefined && isSame(page, index, record.hash)) return false;',
    to: 'if (record === undefined || isSame(page, index, record.hash)) return false;',
    suite: 'sweep',
    tests: 'equal to an undisturbed run',
  },
  {
    name: 'a sweep takes every stored record for unchanged',
    file: 'extract/upkeep/sweep.ts',
    from: 'if (rowHash(bytes, start, end) === hash) return true;',
    to: "if (rowHash(bytes, start, end) !== '') return true;",
    suite: 'sweep',
    tests: 'finds skipped changes',
  },
  {
    name: 'a sweep does not look for records that the list leaves out',
    file: 'extract/upkeep/sweep.ts',
    from: 'for (const id of listed) unlisted.delete(id);',
    to: 'unlisted.clear();',
    suite: 'sweep',
    tests: 'and one deleted record of the same day',
  },
  {
    name: 'the volume alarm is off',
    file: 'extract/feeds/volume-alarm.ts',
    from: 'return known >= MIN_KNOWN && found * 2 < known;',
    to: 'return known < 0 && found * 2 < known;',
    suite: 'sweep',
    tests: 'comes back empty',
  },
  {
    name: 'an accepted field stays in _extra',
    file: 'extract/landing/manifest.ts',
    from: 'return Object.keys(unknown_fields).length > 0 && schema_version !== schemaVersion(entity);',
    to: 'return unknown_fields === undefined && schema_version !== schemaVersion(entity);',
    suite: 'drift',
    tests: 'filled from the landing alone',
  },
  {
    name: 'a rejected record is not validated again',
    file: 'extract/load/landed-runs.ts',
    from: 'if (page) {',
    to: 'if (page && page.rows < 0) {',
    suite: 'drift',
    tests: 'loaded by replay',
  },
  {
    name: 'a staging model counts every version of a job',
    file: 'definitions/staging/stg_jobs.sqlx',
    from: 'qualify $',
    to: '-- $',
    suite: 'schedules-1',
    tests: `seed ${MART_SEED}`,
    symptom: 'night 1: daily_kpis lacks',
  },
  {
    name: 'a second run of a date duplicates incremental rows',
    file: 'engine/duckdb/apply.ts',
    from: 'if (isSame) await',
    to: 'if (isSame === "") await',
    suite: 'schedules-1',
    tests: `seed ${MART_SEED}`,
    symptom: 'night 1: weekly_kpi_history has beyond',
  },
];
