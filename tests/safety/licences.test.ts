import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PROJECT } from '../e2e/command.ts';
import { type Licensed, licencesOf, licencesPage, refused } from './licences.ts';

const packages = licencesOf(PROJECT);

test('every package of a production install has an allowed licence', () => {
  expect(packages.length).toBeGreaterThan(200);
  expect(packages.filter(({ installed }) => installed !== undefined).length).toBeGreaterThan(200);
  expect(refused(packages)).toEqual([]);
});

test('docs/licences.md is current (`npm run licences` renews it)', () => {
  expect(readFileSync(`${PROJECT}docs/licences.md`, 'utf8')).toBe(licencesPage(packages));
});

test.each<[what: string, licensed: Licensed]>([
  ['a copyleft licence', { name: 'x', licence: 'GPL-3.0', installed: 'GPL-3.0' }],
  [
    'a choice of licences that nobody made',
    { name: 'x', licence: 'MIT OR GPL-2.0', installed: 'MIT OR GPL-2.0' },
  ],
  ['no licence', { name: 'x', licence: undefined, installed: undefined }],
  [
    'a licence that the package does not name',
    { name: 'x', licence: 'MIT', installed: 'SEE LICENSE IN EULA' },
  ],
])('the licence check refuses %s', (_, licensed) => {
  expect(refused([licensed])).toHaveLength(1);
});
