import { expect, test } from 'vitest';
import { createTenant } from '../../sandbox/tenant.ts';
import { entities } from '../../schemas/entities.ts';

/** Every record by entity and id, as the tenant holds it on a date. */
function recordsOn(runDate: string) {
  const tenant = createTenant({ runDate, seed: 1, scale: 0.3 });
  return new Map(
    entities.flatMap(({ name }) =>
      (tenant.entity(name)?.all() ?? []).map((record) => [`${name} ${record.id}`, record]),
    ),
  );
}

test('a later run date continues the same business', () => {
  const before = recordsOn('2025-10-27');
  const after = recordsOn('2025-11-12');

  expect([...before.keys()].filter((key) => !after.has(key))).toEqual([]);

  const changed = [...before].filter(([key, { json }]) => after.get(key)?.json !== json);
  const isNewer = ([key, { modifiedOn }]: (typeof changed)[0]) =>
    (after.get(key)?.modifiedOn ?? '') > modifiedOn;
  expect(changed.length).toBeGreaterThan(50);
  expect(changed.filter((entry) => !isNewer(entry))).toEqual([]);

  const isNewJob = (key: string) => key.startsWith('jobs ') && !before.has(key);
  const days = [...after].filter(([key]) => isNewJob(key)).map(([, job]) => job.createdOn.slice(0, 10));
  expect(new Set(days.filter((date) => date > '2025-10-27')).size).toBeGreaterThan(7);
});
