import { checkProject } from '../../engine/check.ts';
import { compileProject } from '../../engine/compile.ts';
import { type Check, failed, ok } from './check.ts';

/** Whether the Dataform project compiles, and where a night runs on this machine, whether GoogleSQL accepts it. */
export const models: Check = {
  name: 'models',
  needs: [],
  async look({ config, projectDir }) {
    const { tables, assertions } = await compileProject(projectDir, {});
    const compiled = `Dataform compiles ${tables.length} models and ${assertions.length} assertions`;
    // An image that runs on BigQuery leaves GoogleSQL's engine out.
    if (config.warehouse.kind === 'bigquery') return [ok(compiled)];
    const { problems } = await checkProject(projectDir);
    if (problems.length === 0) return [ok(`${compiled}; GoogleSQL accepts each`)];
    return problems.map((problem) => failed(problem, 'Correct the SQL; `npm run check` shows the same.'));
  },
};
