import { expect, test } from 'vitest';
import { guessTypes, guessUnits, guessZone } from '../../../app/reference/guess.ts';

const unit = (id: number, name: string, rest: object = {}) => ({ id, name, active: true, ...rest });

test('kinds and regions are guessed from names, all units of a place get one region, and each guess says so', () => {
  const rows = guessUnits([
    unit(4, 'Brooklyn - HVAC Service'),
    unit(1, 'Queens Sales'),
    unit(2, 'Queens - Production'),
    unit(3, 'Queens Install'),
    unit(5, 'Plumbing'),
  ]);
  expect(rows.map(({ business_unit_id, kind, region }) => [business_unit_id, kind, region])).toEqual([
    ['1', 'sales', 'QUEENS'],
    ['2', 'production', 'QUEENS'],
    ['3', 'production', 'QUEENS'],
    // Technicians of a service unit sell where they work.
    ['4', 'both', 'BROOKLYN_HVAC'],
    ['5', 'both', 'PLUMBING'],
  ]);
  expect(rows.every(({ note }) => note?.startsWith('guess: '))).toBe(true);
  expect(rows[4]?.note).toContain('neither sales nor production');
});

test('units that are inactive, not in use or an office do not count, and two units of one name are told apart', () => {
  const rows = guessUnits([
    unit(1, 'Zone A'),
    unit(2, 'Zone  A'),
    unit(3, 'West', { active: false }),
    unit(4, 'Z-DO NOT USE - West'),
    unit(5, 'Head Office'),
  ]);
  expect(
    rows.map(({ normalised_name, in_kpi_set, region }) => [normalised_name, in_kpi_set, region]),
  ).toEqual([
    ['Zone A', 'true', 'ZONE_A'],
    ['Zone A (2)', 'true', 'ZONE_A'],
    ['West', 'false', ''],
    ['Z-DO NOT USE - West', 'false', ''],
    ['Head Office', 'false', ''],
  ]);
});

test('estimate and warranty types are guessed from their names', () => {
  const rows = guessTypes(
    ['Free ESTIMATE', 'Warranty call', 'Touch-up', 'Callback', 'Water heater'].map((name, id) => ({
      id,
      name,
    })),
  );
  expect(rows.map(({ is_estimate, is_warranty }) => `${is_estimate} ${is_warranty}`)).toEqual([
    'true false',
    'false true',
    'false true',
    'false true',
    'false false',
  ]);
});

test('the time zone is that of most active units, and unknown without an address', () => {
  const at = (id: number, state: string, active = true) => unit(id, 'A', { active, address: { state } });
  expect(guessZone([at(1, 'NY'), at(2, 'ny '), at(3, 'TX'), at(4, 'AZ', false)])).toEqual({
    zone: 'America/New_York',
    states: ['NY'],
    others: ['America/Chicago'],
  });
  expect(guessZone([unit(1, 'A'), at(2, 'Somewhere')])).toBeUndefined();
});
