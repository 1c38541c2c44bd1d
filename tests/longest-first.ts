import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Lets the named files of a suite begin first, so that none of those that take minutes is left alone at the end. */
export function longestFirst(names: readonly string[]) {
  const place = ({ moduleId }: TestSpecification) => {
    const index = names.findIndex((name) => moduleId.endsWith(`/${name}`));
    return index < 0 ? names.length : index;
  };
  return class extends BaseSequencer {
    override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
      return (await super.sort(files)).sort((a, b) => place(a) - place(b));
    }
  };
}
