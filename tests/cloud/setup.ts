import type { TestProject } from 'vitest/node';
import { type Emulators, startEmulators } from './emulators.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The servers that run while the suite does. */
    readonly emulators: Emulators;
  }
}

/** One pair of servers for the whole suite; each test uses datasets and buckets of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { stop, ...emulators } = await startEmulators();
  project.provide('emulators', emulators);
  return stop;
}
