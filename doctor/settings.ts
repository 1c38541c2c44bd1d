import { type Check, failed, ok } from './check.ts';

/** Whether every variable can be read. */
export const settings: Check = {
  name: 'settings',
  needs: [],
  async look({ config, problems, isSandbox }) {
    if (problems.length > 0) {
      return problems.map((problem) =>
        failed(problem, 'Correct what is named; README.md lists every setting.'),
      );
    }
    const tenant = isSandbox
      ? 'the sandbox tenant, as no ST_* credentials are set'
      : `tenant ${config.credentials?.tenantId}`;
    const place = config.warehouse.kind === 'duckdb' ? config.warehouse.path : config.warehouse.projectId;
    return [ok(`${tenant}; run date ${config.runDate} in ${config.timeZone}; warehouse ${place}`)];
  },
};
