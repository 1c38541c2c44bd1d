import { join } from 'node:path';
import { describe } from 'vitest';
import { readConfig } from '../../../../extract/config.ts';
import { folderLanding } from '../../../../extract/landing/folder.ts';
import { openWarehouse, testFolder } from '../../night.ts';
import { growthContract, warehouseContract } from '../warehouse-contract.ts';

describe('the DuckDB warehouse', () => {
  const open = async () => {
    const folder = testFolder();
    const path = join(folder, 'warehouse.duckdb');
    const configOf = (env: Record<string, string>) => readConfig(env, { cwd: folder, now: new Date() });
    const config = configOf({});
    const warehouse = await openWarehouse(config, path);
    return {
      warehouse,
      landing: folderLanding(join(folder, 'landing')),
      raw: config.datasets.raw,
      logs: config.datasets.logs,
      withoutPersonalData() {
        warehouse.close();
        return openWarehouse(configOf({ PERSONAL_DATA: 'drop' }), path);
      },
    };
  };
  warehouseContract(open);
  growthContract(open);
});
