import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { PROJECT } from '../e2e/command.ts';

/**
 * A Dataform project of a few files, by their names below `definitions/`, in the datasets `mart` and `logs`; `@numbers`
 * in a text refers to the model of that name.
 */
export function smallProject(definitions: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'small-project-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'definitions'));
  const settings = { warehouse: 'bigquery', defaultDatabase: 'local', defaultLocation: 'US' };
  writeFileSync(
    join(folder, 'dataform.json'),
    JSON.stringify({ ...settings, defaultSchema: 'mart', assertionSchema: 'logs' }),
  );
  for (const part of ['package.json', 'node_modules/@dataform/core']) {
    cpSync(join(PROJECT, part), join(folder, part), { recursive: true });
  }
  for (const [name, text] of Object.entries(definitions)) {
    const sqlx = text.replace(/@(\w+)/g, (_, model) => `$\{ref("${model}")}`);
    writeFileSync(join(folder, 'definitions', `${name}.sqlx`), sqlx);
  }
  return folder;
}
