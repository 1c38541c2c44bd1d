import { access, constants } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Check, type DoctorContext, type Finding, failed, failureOf, ok } from './check.ts';

const DATASETS = ['raw', 'stage', 'mart', 'logs'] as const;

/** Checks that the warehouse opens, and that tables can be created, filled and dropped in each dataset. */
export const warehouse: Check = {
  name: 'warehouse',
  needs: ['WAREHOUSE', 'DUCKDB_PATH', 'BQ_'],
  async run(context) {
    const { config } = context;
    const opened = await context.warehouse();
    if (!opened) return [await beforeFirstRun(context)];
    const refusals: Finding[] = [];
    for (const dataset of DATASETS) {
      const name = config.datasets[dataset];
      await opened.checkWriteAccess(dataset).catch((error: unknown) => {
        const { text, remedy } = failureOf(error);
        refusals.push(failed(`no table can be created, filled and dropped in ${name}: ${text}`, remedy));
      });
    }
    const names = DATASETS.map((dataset) => config.datasets[dataset]).join(', ');
    return refusals.length > 0
      ? refusals
      : [ok(`opens; tables can be created, filled and dropped in ${names}`)];
  },
};

async function beforeFirstRun({ config }: DoctorContext): Promise<Finding> {
  const path = config.warehouse.kind === 'duckdb' ? config.warehouse.path : '';
  const folder = await nearestFolder(dirname(path));
  const remedy = 'Check DUCKDB_PATH and the permissions of that folder.';
  return access(folder, constants.W_OK).then(
    () => ok(`${path} does not exist yet; the first run creates it`),
    () => failed(`${path} does not exist yet, and ${folder} is not writable`, remedy),
  );
}

async function nearestFolder(folder: string): Promise<string> {
  const isThere = await access(folder).then(
    () => true,
    () => false,
  );
  return isThere || dirname(folder) === folder ? folder : nearestFolder(dirname(folder));
}
