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
