import { ConfigurationError } from '../../base/errors.ts';
import { readReference } from '../reference/reference-files.ts';
import { type Check, failed, ok } from './check.ts';

/** One wrong line in a file can cause hundreds of errors in another. */
const MOST_SHOWN = 5;

/** Checks that the three reference files can be read and agree with each other. */
export const reference: Check = {
  name: 'reference',
  needs: ['REFERENCE_DIR'],
  async run({ config }) {
    try {
      const { business_units, job_types, ui_kpi_values } = readReference(config.referenceDir);
      const counts = `${business_units.length} units, ${job_types.length} job types, ${ui_kpi_values.length} screen values`;
      return [ok(`${counts} in ${config.referenceDir}`)];
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      const shown = error.problems.slice(0, MOST_SHOWN);
      const more = error.problems.length - shown.length;
      if (more > 0) shown.push(`and ${more} more; correct these first`);
      return shown.map((problem) => failed(problem, error.remedy));
    }
  },
};
