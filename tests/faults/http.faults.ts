import { beforeEach, describe, expect, test } from 'vitest';
import type { Fault } from '../../sandbox/faults/faults.ts';
import { NOW } from '../sandbox/client.ts';
import { countsAs, settles, startCase } from './case.ts';

let cases = 0;
beforeEach(() => {
  cases += 1;
});
countsAs('http', () => cases);

/** By the API's clock, which every answer carries in its Date header. */
const inSeconds = (s: number) => new Date(Date.parse(NOW) + s * 1000).toUTCString();

describe('transient failures of the API', () => {
  test.each([
    ['429 without Retry-After', { kind: 'status', status: 429 }, 'answered 429'],
    ['429 with Retry-After in seconds', { kind: 'status', status: 429, retryAfter: '1' }, 'answered 429'],
    [
      '429 with Retry-After as a date',
      { kind: 'status', status: 429, retryAfter: inSeconds(2) },
      'answered 429',
    ],
    ['500 with HTML', { kind: 'status', status: 500, html: true }, 'answered 500'],
    ['502 with HTML', { kind: 'status', status: 502, html: true }, 'answered 502'],
    ['503 with HTML', { kind: 'status', status: 503, html: true }, 'answered 503'],
    ['504 with HTML', { kind: 'status', status: 504, html: true }, 'answered 504'],
    ['409 for maintenance', { kind: 'status', status: 409 }, 'answered 409'],
    ['a reset before the answer', { kind: 'reset', afterBytes: 0 }, 'was interrupted'],
    ['a reset within the body', { kind: 'reset', afterBytes: 700 }, 'was interrupted'],
    ['a slow trickle that ends', { kind: 'trickle', bytesPerSecond: 8000 }, undefined],
    ['a late answer', { kind: 'delay', ms: 900 }, undefined],
  ] satisfies [
    string,
    Fault,
    string | undefined,
  ][])('a transient failure of the API is retried and no row is lost: %s', async (_, fault, reason) => {
    const night = await startCase({ faults: [{ entity: 'jobs', nth: 2, fault }] });
    const run = await night.extract();
    expect(run, run.stdout).toMatchObject({ code: 0, failed: {} });
    const retries = run.events.filter(({ type }) => type === 'retry');
    expect(retries).toEqual(
      reason === undefined
        ? []
        : [expect.objectContaining({ entity: 'jobs', reason: expect.stringContaining(reason) })],
    );
    expect((await settles(night)).done.jobs?.new).toBe(0);
  });
});
