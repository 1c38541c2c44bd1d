import { checkProject } from '../../engine/check.ts';
import { compileProject } from '../../engine/compile.ts';
import { type Check, failed, ok } from './check.ts';

/** Checks that the Dataform project compiles and, with DuckDB, that GoogleSQL accepts every query. */
export const models: Check = {
  name: 'models',
  needs: [],
  async run({ config, projectDir }) {
    const { tables, assertions } = await compileProject(projectDir, {});
    const compiled = `Dataform compiles ${tables.length} models and ${assertions.length} assertions`;
    // The image for BigQuery does not contain GoogleSQL.
    if (config.warehouse.kind === 'bigquery') return [ok(compiled)];
    const { problems } = await checkProject(projectDir);
    if (problems.length === 0) return [ok(`${compiled}; GoogleSQL accepts all of them`)];
    // The lines below an error show its place in the file.
    return problems.map((problem) =>
      failed(problem.split('\n')[0] ?? '', 'Correct the SQL; `npm run check` shows its place.'),
    );
  },
};
