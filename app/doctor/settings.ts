import { type Check, failed, ok, warning } from './check.ts';

/** Checks that every variable is valid and none is misspelt. */
export const settings: Check = {
  name: 'settings',
  needs: [],
  async run({ config, problems, unknownVariables, isSandbox }) {
    const misspelt = unknownVariables.map((name) =>
      warning(`nothing reads the variable ${name}`, 'Rename or unset it; README.md lists every setting.'),
    );
    if (problems.length > 0) {
      const wrong = problems.map((problem) =>
        failed(problem, 'Correct this setting; README.md lists every setting.'),
      );
      return [...wrong, ...misspelt];
    }
    const tenant = isSandbox
      ? 'the sandbox tenant, because no ST_* credentials are set'
      : `tenant ${config.credentials?.tenantId}`;
    const place = config.warehouse.kind === 'duckdb' ? config.warehouse.path : config.warehouse.projectId;
    return [
      ok(`${tenant}; run date ${config.runDate} in ${config.timeZone}; warehouse ${place}`),
      ...misspelt,
    ];
  },
};
