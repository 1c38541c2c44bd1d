import { expect, test } from 'vitest';
import { PageError } from '../../../base/errors.ts';
import { exportPages } from '../../../extract/feeds/export.ts';
import { plainScan } from '../../../extract/pages/scan.ts';
import { entity } from '../../../schemas/entities.ts';

const REQUEST = { method: 'GET', path: 'export/jobs' };

/** A feed of as many pages; `asked` are the tokens of the calls so far. */
function feedOf(pages: number, options: { isPart?: boolean; check?: () => void; fails?: number } = {}) {
  const asked: string[] = [];
  const feed = exportPages({
    entity: entity('jobs'),
    start: {},
    fallback: {},
    isPart: options.isPart ?? false,
    check: options.check ?? (() => {}),
    scanPage: plainScan,
    onStaleToken: () => {},
    read: async (_, query) => {
      asked.push(query.from ?? 'start');
      const number = asked.length;
      if (number === options.fails) throw new PageError(REQUEST as never, 'broken');
      const body = { hasMore: number < pages, continueFrom: `after-${number}`, data: [{ id: number }] };
      return {
        status: 200,
        body: Buffer.from(JSON.stringify(body)),
        date: undefined,
        request: REQUEST,
      } as never;
    },
  });
  return { feed, asked };
}

test('while a page of an export feed is landed, the next one is asked for, and none after the last', async () => {
  const { feed, asked } = feedOf(3);
  const calls: number[] = [];
  for await (const _ of feed) calls.push(asked.length);
  expect(calls).toEqual([2, 3, 3]);
  expect(asked).toEqual(['start', 'after-1', 'after-2']);
});

test('of a part of an export feed, no page is asked for before the caller wants it', async () => {
  const { feed, asked } = feedOf(3, { isPart: true });
  for await (const _ of feed) if (asked.length === 2) break;
  expect(asked).toEqual(['start', 'after-1']);
});

test('a page that is refused by its check is not followed by another call', async () => {
  const { feed, asked } = feedOf(3, {
    check() {
      throw new PageError(REQUEST as never, 'seen before');
    },
  });
  await expect(feed.next()).rejects.toThrow('seen before');
  expect(asked).toEqual(['start']);
});

test('a page that cannot be read fails the feed after the page before it was used', async () => {
  const { feed } = feedOf(3, { fails: 2 });
  expect((await feed.next()).done).toBe(false);
  await expect(feed.next()).rejects.toThrow('broken');
});
