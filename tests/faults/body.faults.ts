import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Fault, FaultRule } from '../../sandbox/faults/faults.ts';
import { readSchema } from '../../schemas/schema-files.ts';
import { job } from '../sandbox/client.ts';
import { countsAs, failsOnly, settles, startCase } from './case.ts';

let cases = 0;
beforeEach(() => {
  cases += 1;
});
countsAs('body', () => cases);

const envelope = (set: NonNullable<Extract<Fault, { kind: 'envelope' }>['set']>): Fault => ({
  kind: 'envelope',
  set,
});

describe('answers with 200 that are not a valid page', () => {
  test.each([
    ['JSON that breaks off', { kind: 'truncate', bytes: 900 }, 'ends inside data'],
    [
      'HTML',
      { kind: 'body', text: '<html>sign in</html>', contentType: 'text/html' },
      'not the expected JSON',
    ],
    ['an empty body', { kind: 'body', text: '' }, 'the body is empty'],
    ['JSON of another shape', { kind: 'body', text: '{"items":[]}' }, 'no array named data'],
    ['a bare list', { kind: 'body', text: '[{"id":1}]' }, 'not the expected JSON'],
    ['two documents', { kind: 'body', text: '{"hasMore":false,"data":[]}{}' }, 'not the expected JSON'],
    ['hasMore missing', { kind: 'envelope', drop: ['hasMore'] }, 'hasMore is missing'],
    ['hasMore null', envelope({ hasMore: null }), 'hasMore is null'],
    ['hasMore a string', envelope({ hasMore: 'false' }), 'hasMore is a string'],
    ['hasMore a number', envelope({ hasMore: 0 }), 'hasMore is a number'],
    ['no continuation token', { kind: 'envelope', drop: ['continueFrom'] }, 'continueFrom is missing'],
    ['a null continuation token', envelope({ continueFrom: null }), 'continueFrom is null'],
    [
      'the continuation token that was sent',
      { kind: 'repeat token' },
      'a continuation token that it already gave',
    ],
    ['a continuation token of another feed', envelope({ continueFrom: 'Zm9yZWlnbg==' }), 'answered 400'],
    [
      'an empty data before the data',
      { kind: 'bytes', find: '"hasMore":', hex: Buffer.from('"data":[],"hasMore":').toString('hex') },
      'a member comes twice',
    ],
    [
      'a second hasMore',
      { kind: 'bytes', find: '"hasMore":', hex: Buffer.from('"hasMore":false,"hasMore":').toString('hex') },
      'a member comes twice',
    ],
    [
      'an error beside no rows',
      { kind: 'body', text: '{"status":503,"hasMore":false,"continueFrom":"x","data":[]}' },
      'error answers, status',
    ],
    [
      'invalid UTF-8',
      { kind: 'bytes', find: '"jobNumber":"J-23"', hex: '226a6f624e756d626572223a22ff22' },
      'not UTF-8',
    ],
    ['a NUL byte', { kind: 'bytes', find: 'J-23', hex: '4a0033' }, 'is not JSON'],
  ] satisfies [
    string,
    Fault,
    string,
  ][])('an invalid export page with 200 fails only its entity and loads nothing: %s', async (_, fault, message) => {
    const night = await startCase({ faults: [{ entity: 'jobs', nth: 2, fault }] });
    const run = await night.extract();
    failsOnly(run, 'jobs', message);
    expect((await night.state()).jobs).toMatchObject({
      versions: [],
      cursor: { token: null, watermark: null },
    });
    expect((await settles(night)).done.jobs).toMatchObject({ read: 54, new: 54 });
  });

  test.each([
    ['another page than asked', { fault: envelope({ page: 3 }) }, 'it is not the requested page 1'],
    ['a text as totalCount', { fault: envelope({ totalCount: 'many' }) }, 'totalCount is a string'],
    [
      'a totalCount above the rows',
      { times: null, fault: envelope({ totalCount: 99 }) },
      'the API counts 99 records, but 21 different ones were read',
    ],
    [
      'no totalCount',
      { times: null, fault: envelope({ totalCount: null }) },
      'totalCount is null, although the request asked for it',
    ],
    [
      'rows left out of a list',
      { times: null, fault: { kind: 'shift page', rows: 2 } },
      'the API counts 21 records, but 19 different ones were read',
    ],
    [
      'one row twice and one missing in a list',
      { times: null, fault: { kind: 'record', index: 1, set: { id: 1 } } },
      'the API counts 21 records, but 20 different ones were read',
    ],
    [
      'hasMore on an empty page of a list',
      { fault: { kind: 'empty page' } },
      'hasMore is true although data is empty',
    ],
  ] satisfies [
    string,
    FaultRule,
    string,
  ][])('an invalid list page with 200 fails only its entity and loads nothing: %s', async (_, rule, message) => {
    const night = await startCase({ faults: [{ entity: 'payrolls', feed: 'list', ...rule }] });
    failsOnly(await night.extract(), 'payrolls', message);
    expect((await night.state()).payrolls).toMatchObject({ versions: [] });
    await settles(night);
  });
});

test('a page of another entity fails its entity, and none of its records replaces one of ours', async () => {
  const night = await startCase();
  await night.extract();
  const fields = Object.keys(readSchema('customers').properties ?? {}).map((name) => [name, null]);
  // Newer than the jobs with these ids, and valid by the schema of jobs, which requires the id alone.
  const data = Array.from({ length: 20 }, (_, at) => ({
    ...Object.fromEntries(fields),
    ...{ id: at + 1, modifiedOn: '2026-01-05T00:00:00Z', active: true },
  }));
  night.sandbox.faults.add({ entity: 'jobs', feed: 'export', fault: envelope({ data }) });
  failsOnly(
    await night.extract(),
    'jobs',
    '20 of its 20 records are not jobs; they have the fields of customers',
  );
  await settles(night);
});

test('rows left out of a list once are found when the list is read again', async () => {
  const night = await startCase({
    faults: [{ entity: 'payrolls', feed: 'list', fault: { kind: 'shift page', rows: 2 } }],
  });
  expect(await night.extract()).toMatchObject({
    code: 0,
    done: { payrolls: { read: 21, source: 21, new: 21 } },
  });
  await settles(night);
});

test('hasMore false too early keeps the continuation token, and the next run reads the rest', async () => {
  const night = await startCase({
    faults: [{ entity: 'jobs', nth: 2, fault: envelope({ hasMore: false }) }],
  });
  const run = await night.extract();
  expect(run).toMatchObject({ code: 0, done: { jobs: { read: 40, new: 40 } } });
  expect((await settles(night)).done.jobs).toMatchObject({ read: 14, new: 14 });
});

test('a wrong content type around valid JSON is accepted', async () => {
  const set = { 'content-type': 'text/html' };
  const night = await startCase({
    faults: [{ entity: 'jobs', times: null, fault: { kind: 'headers', set } }],
  });
  expect(await night.extract()).toMatchObject({ code: 0, done: { jobs: { new: 54 } } });
  await settles(night);
});

test('a stored continuation token that the API refuses is reported, and the feed restarts from the watermark', async () => {
  const night = await startCase();
  await night.extract();
  const changed = { jobStatus: 'Completed', modifiedOn: '2025-08-01T00:00:00Z' };
  night.sandbox.change({ entity: 'jobs', id: '3', set: changed });
  night.sandbox.faults.add({
    entity: 'jobs',
    fault: { kind: 'status', status: 400, title: 'Invalid token' },
  });
  const run = await night.extract();
  expect(run).toMatchObject({ code: 0, done: { jobs: { new: 1 } } });
  expect(run.events).toContainEqual(expect.objectContaining({ type: 'stale-token', entity: 'jobs' }));
  // The first run loaded the version before the change.
  await settles(night, { moreVersions: true });
});

test('a page larger than the size limit fails its entity', async () => {
  const night = await startCase();
  const front = await hugeAnswers();
  const run = await night.extract({ env: { ST_API_URL: front }, names: ['jobs'] });
  expect(run.code).toBe(1);
  expect(run.failed.jobs).toMatch(/answered with more than \d+ bytes/);
  await settles(night);
});

describe('an export feed that never ends', () => {
  test('equal pages with ever-new continuation tokens fail their entity at the second page', async () => {
    const night = await startCase();
    const front = await endlessExport(() => [job(1, '2025-08-01T00:00:00Z')]);
    const run = await night.extract({ env: { ST_API_URL: front.url }, names: ['jobs'] });
    expect(run.code).toBe(1);
    expect(run.failed.jobs).toContain(
      'it has the rows of an earlier page of this read, so the feed does not end',
    );
    expect(front.calls()).toBe(2);
    await settles(night);
  });

  test('ever-new rows end a read that goes on from a cursor', async () => {
    const night = await startCase();
    await night.extract({ names: ['jobs'] });
    const front = await endlessExport((page) =>
      Array.from({ length: 5000 }, (_, i) => job(page * 5000 + i, '2025-08-01T00:00:00Z')),
    );
    const run = await night.extract({ env: { ST_API_URL: front.url }, names: ['jobs'] });
    expect(run.code).toBe(1);
    expect(run.failed.jobs).toMatch(
      /the feed returned 105000 changed rows, although only 54 records are known/,
    );
    await settles(night);
  });
});

/** A service whose export gives a page and a new token for each request. */
async function endlessExport(rowsOf: (page: number) => readonly string[]) {
  let calls = 0;
  const server = createServer((_request, response) => {
    calls += 1;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(`{"hasMore":true,"continueFrom":"token-${calls}","data":[${rowsOf(calls).join(',')}]}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls: () => calls };
}

/** A service whose pages never end. */
async function hugeAnswers(): Promise<string> {
  const block = Buffer.alloc(1024 * 1024, 0x20);
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const more = () => {
      while (!response.destroyed && response.write(block)) {}
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
