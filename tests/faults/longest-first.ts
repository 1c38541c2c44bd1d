import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The files that take minutes: they begin first, so that none of them is left alone with one worker at the end. */
const LONGEST = ['wait', 'planted-bugs', 'schedules-1', 'schedules-2', 'kill'];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const index = LONGEST.findIndex((name) => moduleId.endsWith(`/${name}.faults.ts`));
      return index < 0 ? LONGEST.length : index;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}
