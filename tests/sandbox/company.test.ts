import { expect, test } from 'vitest';
import { dateIn } from '../../base/calendar.ts';
import { createTenant } from '../../sandbox/tenant.ts';
import { allEntities } from '../../schemas/entities.ts';

const tenant = createTenant({ runDate: '2025-10-27', seed: 1, scale: 1, company: 'plumbing' });
const textsOf = (entity: string) => (tenant.entity(entity)?.all() ?? []).map(({ json }) => json);

test('the plumbing company has units of its own in New York, and nothing of the painting company', () => {
  const units = textsOf('business_units').map((text) => JSON.parse(text));
  expect(units.map(({ name }) => name)).toContain('Plumbing');
  expect(units.every(({ address }) => address.state === 'NY')).toBe(true);
  const ids = new Set(units.map(({ id }) => id));
  const jobs = textsOf('jobs').map((text) => JSON.parse(text));
  expect(jobs.length).toBeGreaterThan(1000);
  expect(jobs.filter(({ businessUnitId }) => !ids.has(businessUnitId))).toEqual([]);
  for (const { name } of allEntities()) {
    const painting = /phoenix|arizona|tucson|paint|"AZ"/i;
    expect(textsOf(name).find((text) => painting.test(text))).toBeUndefined();
  }
});

test('some of its sales and jobs are on another day in Phoenix than in New York', () => {
  const isOther = (instant: string) =>
    dateIn('America/Phoenix', new Date(instant)) !== dateIn('America/New_York', new Date(instant));
  const sold = textsOf('estimates').flatMap((text) => JSON.parse(text).soldOn ?? []);
  const starts = textsOf('appointments').map((text) => JSON.parse(text).start);
  expect(sold.filter(isOther).length).toBeGreaterThan(50);
  expect(starts.filter(isOther).length).toBeGreaterThan(50);
});
