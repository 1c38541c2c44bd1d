import { compileProject } from '../transform/compile.ts';
import { type Check, ok } from './check.ts';

/** Whether the Dataform project compiles. */
export const models: Check = {
  name: 'models',
  needs: [],
  async look({ projectDir, signal }) {
    const { tables, assertions } = await compileProject(projectDir, {}, { signal });
    return [ok(`Dataform compiles ${tables.length} models and ${assertions.length} assertions`)];
  },
};
