import type { ProgramSettings, Work } from './program.ts';

type Program = (settings: ProgramSettings) => Promise<Work>;

/** The programs that are measured, each in its own process; a process loads only the modules of its program. */
const PROGRAMS = {
  pipeline: async () => (await import('./extract.ts')).landByPipeline,
  floor: async () => (await import('./floor.ts')).landByFloor,
  reparse: async () => (await import('./reparse.ts')).landByReparse,
  load: async () => (await import('./load.ts')).loadByPipeline,
  'native load': async () => (await import('./load-native.ts')).loadByDuckdb,
  'extract and load': async () => (await import('./extract.ts')).extractAndLoad,
  'floor night': async () => (await import('./floor-night.ts')).floorNight,
} as const satisfies Record<string, () => Promise<Program>>;

export type ProgramName = keyof typeof PROGRAMS;

/** Loads a program's modules. @throws Error if there is no such program */
export function loadProgram(name: string): Promise<Program> {
  if (!(name in PROGRAMS)) throw new Error(`There is no benchmark program ${name}`);
  return PROGRAMS[name as ProgramName]();
}
