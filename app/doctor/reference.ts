import { ConfigurationError } from '../../base/errors.ts';
import { readReference } from '../reference/reference-files.ts';
import { type Check, failed, ok } from './check.ts';

/** A line that is wrong in one file may be missed by hundreds of another. */
const TOLD = 5;

/** Whether the three reference files can be read and agree with each other. */
export const reference: Check = {
  name: 'reference',
  needs: ['REFERENCE_DIR'],
  async look({ config }) {
    try {
      const { business_units, job_types, ui_kpi_values } = readReference(config.referenceDir);
      const counts = `${business_units.length} units, ${job_types.length} job types, ${ui_kpi_values.length} screen values`;
      return [ok(`${counts} in ${config.referenceDir}`)];
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      const told = error.problems.slice(0, TOLD);
      const more = error.problems.length - told.length;
      if (more > 0) told.push(`and ${more} more; correct these first`);
      return told.map((problem) => failed(problem, error.remedy));
    }
  },
};
