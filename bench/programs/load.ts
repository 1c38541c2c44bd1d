import { folderLanding } from '../../extract/landing/folder.ts';
import { landedRuns } from '../../extract/landing/manifest.ts';
import { openDuckdb } from '../../extract/load/duckdb/warehouse.ts';
import { RUN_DATE } from '../tenant/volumes.ts';
import { DATASETS, tablesOf } from './extract.ts';
import type { ProgramSettings, Work } from './program.ts';

/** The pipeline's load of landed runs into an empty warehouse. */
export async function loadByPipeline({ entities, folder, database }: ProgramSettings): Promise<Work> {
  const landing = folderLanding(folder);
  const warehouse = await openDuckdb({ datasets: DATASETS, personalData: 'keep' }, database);
  let rows = 0;
  let bytes = 0;
  try {
    await warehouse.prepare(tablesOf(entities));
    for (const entity of entities) {
      for (const manifest of await landedRuns(landing, entity)) {
        const now = new Date();
        const run = { entity, runId: manifest.run_id, runDate: RUN_DATE, mode: 'full', now } as const;
        const { lease } = await warehouse.begin(run);
        const { receipt } = await warehouse.load({ manifest, landing, lease, now });
        await warehouse.releaseLease(lease);
        rows += receipt.new;
        bytes += manifest.pages.reduce((total, page) => total + page.line_bytes, 0);
      }
    }
    return { rows, bytes };
  } finally {
    warehouse.close();
  }
}
