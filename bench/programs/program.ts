/** The inputs and outputs of a program. */
export interface ProgramSettings {
  /** The API server, for programs that extract. */
  readonly url: string;
  readonly entities: readonly string[];
  /** The folder of the landing. */
  readonly folder: string;
  /** The DuckDB file, for programs that load. */
  readonly database: string;
  /** DuckDB's `memory_limit`, such as `256MB`; DuckDB's default if absent. */
  readonly memoryLimit?: string;
}

export interface Assignment {
  readonly program: string;
  readonly settings: ProgramSettings;
}

/** A part of a run, in the order of their names: from the end of the part before it to its own. */
export interface Phase {
  readonly name: string;
  readonly seconds: number;
}

/** The work that a program did: rows, and bytes of their JSON. */
export interface Work {
  readonly rows: number;
  readonly bytes: number;
  /** Where it is known: the parts of the run up to its end. */
  readonly phases?: readonly Phase[];
}
