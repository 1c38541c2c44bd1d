import { expect, test } from 'vitest';
import { createTenant } from '../../sandbox/tenant.ts';
import { entities } from '../../schemas/entities.ts';

test('each record of the sandbox is kept under its own id, not under one that is nested in it', () => {
  const tenant = createTenant({ runDate: '2025-10-27', seed: 1, scale: 0 });
  let compared = 0;
  const wrong = entities.flatMap(({ name }) =>
    (tenant.entity(name)?.all() ?? []).flatMap(({ id, json }) => {
      compared += 1;
      const sent = JSON.parse(json).id;
      // A 19-digit id is rounded by JSON.parse.
      return sent === null || Number(id) === sent ? [] : [`${name} ${id}`];
    }),
  );
  expect(wrong).toEqual([]);
  expect(compared).toBeGreaterThan(1000);
});
