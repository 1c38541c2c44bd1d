import { extractAndLoad, landByPipeline } from './extract.ts';
import { landByFloor } from './floor.ts';
import { loadByPipeline } from './load.ts';
import { loadByDuckdb } from './load-native.ts';
import type { ProgramSettings, Work } from './program.ts';
import { landByReparse } from './reparse.ts';

/** The programs that are measured, each in its own process. */
export const programs = {
  pipeline: landByPipeline,
  floor: landByFloor,
  reparse: landByReparse,
  load: loadByPipeline,
  'native load': loadByDuckdb,
  'extract and load': extractAndLoad,
} as const satisfies Record<string, (settings: ProgramSettings) => Promise<Work>>;

export function isProgram(name: string): name is keyof typeof programs {
  return name in programs;
}
