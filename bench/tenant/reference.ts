import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../processes.ts';

const SAMPLE = join(PROJECT, 'definitions/reference');
/** A company that is live looks at few values that are off. Those of the sample are all off for this tenant. */
const SCREEN_VALUES = 3;

/** The reference files of the rendered tenant: the sample's, with few of its screen values. */
export function referenceFolder(): string {
  const folder = join(PROJECT, '.local/bench/reference');
  mkdirSync(folder, { recursive: true });
  for (const file of ['business_units.csv', 'job_types.csv'])
    copyFileSync(join(SAMPLE, file), join(folder, file));
  const lines = readFileSync(join(SAMPLE, 'ui_kpi_values.csv'), 'utf8').split('\n');
  writeFileSync(join(folder, 'ui_kpi_values.csv'), `${lines.slice(0, 1 + SCREEN_VALUES).join('\n')}\n`);
  return folder;
}
