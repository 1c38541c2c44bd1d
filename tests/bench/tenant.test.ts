import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { renderTenant } from '../../bench/tenant/render.ts';
import { repeatedPage } from '../../bench/tenant/repeated-page.ts';
import { volumesAt } from '../../bench/tenant/volumes.ts';
import { entities } from '../../schemas/entities.ts';
import { compileValidator } from '../../schemas/validator.ts';
import { SMALL, testFolder } from './tenant.ts';

test('the benchmark tenant has every entity, its records fit their schemas and no id repeats', async () => {
  const tenant = await renderTenant(testFolder(), SMALL);
  expect(tenant.entities.map(({ name }) => name)).toEqual(entities.map(({ name }) => name));
  for (const { name, pages, rows } of tenant.entities) {
    const records = pages.flatMap(({ file }): { id: number }[] =>
      JSON.parse(readFileSync(join(tenant.folder, file), 'utf8')),
    );
    const validate = compileValidator(name);
    const findings = records.map(validate).filter((finding) => Object.values(finding).flat().length > 0);
    expect(findings.slice(0, 3), name).toEqual([]);
    expect(new Set(records.map(({ id }) => id)).size, name).toBe(rows);
  }
});

test('the benchmark tenant at scale 1 has the volumes of the real tenant', () => {
  expect(volumesAt(1)).toMatchObject({
    jobs: 226_588,
    invoices: 172_833,
    estimates: 220_464,
    payments: 192_856,
    gross_pay_items: 8_845,
    customers: 74_124,
  });
});

test('the same settings give the same bytes of the benchmark tenant', async () => {
  const [first, second] = [await renderTenant(testFolder(), SMALL), await renderTenant(testFolder(), SMALL)];
  const bytes = (folder: string) => readFileSync(join(folder, 'invoices-page-1.json'));
  expect(bytes(first.folder).equals(bytes(second.folder))).toBe(true);
});

test('a repeated page of the benchmark tenant has new ids and no other change', () => {
  const page = Buffer.from('[{"id":4200000000,"status":"Done"},{"id":4200000001,"status":"Done"}]');
  const third = repeatedPage(page, 2).at(3).toString();
  expect(third).toBe('[{"id":4200000006,"status":"Done"},{"id":4200000007,"status":"Done"}]');
});
