import { extractAndLoad, landByPipeline } from './extract.ts';
import { landByFloor } from './floor.ts';
import { loadByPipeline } from './load.ts';
import { loadByDuckdb } from './load-native.ts';
import { landByReparse } from './reparse.ts';

/** What a program reads and writes. */
export interface ProgramSettings {
  /** The server, for those that read from it. */
  readonly url: string;
  readonly entities: readonly string[];
  /** Of the landing. */
  readonly folder: string;
  /** The DuckDB file, for those that load. */
  readonly database: string;
  /** DuckDB's own words, such as `256MB`; its default without. */
  readonly memoryLimit?: string;
}

export interface Assignment {
  readonly program: string;
  readonly settings: ProgramSettings;
}

/** Rows and bytes of their JSON. */
export interface Work {
  readonly rows: number;
  readonly bytes: number;
}

/** What runs in a process of its own to be measured. */
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
