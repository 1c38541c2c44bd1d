import { landByFloor } from './floor.ts';
import { landByPipeline } from './land.ts';
import { landByReparse } from './reparse.ts';

/** Where a program reads and writes. */
export interface ProgramSettings {
  readonly url: string;
  /** Names of entities with an export feed. */
  readonly entities: readonly string[];
  /** An empty folder. */
  readonly folder: string;
}

export interface Assignment {
  readonly program: string;
  readonly settings: ProgramSettings;
}

/** Rows and bytes as the API sent them. */
export interface Work {
  readonly rows: number;
  readonly bytes: number;
}

/** What runs in a process of its own to be measured. */
export const programs = {
  pipeline: landByPipeline,
  floor: landByFloor,
  reparse: landByReparse,
} as const satisfies Record<string, (settings: ProgramSettings) => Promise<Work>>;

export function isProgram(name: string): name is keyof typeof programs {
  return name in programs;
}
