import type { TableSchema } from '../../schemas/columns.ts';
import type { Datasets } from '../config.ts';
import type { Landing } from '../landing/landing.ts';
import type { LandedPage, Manifest } from '../landing/manifest.ts';
import type { Dialect } from './sql/dialect.ts';
import type { Cost, EarlyLoad, LoadTable, TextRow } from './warehouse.ts';

export type Row = Readonly<Record<string, unknown>>;

/**
 * What DuckDB and BigQuery do differently: read landed pages, run statements, describe tables. What is loaded, logged and
 * remembered is decided in `create-warehouse.ts`, the same for both.
 */
export interface Engine {
  readonly dialect: Dialect;
  /** How long a lease lasts without a heartbeat. */
  readonly leaseMs: number;
  /** Whether other processes can reach the warehouse while this one has it open, so that a lease needs heartbeats. */
  readonly isShared: boolean;

  prepare(tables: readonly TableSchema[]): Promise<void>;

  /** Rows as plain objects whose values are text, flags or null. */
  query(sql: string, label: string): Promise<readonly Row[]>;
  /**
   * Runs statements as one transaction: all of them, or none.
   *
   * @param statements a function is called when the transaction's turn comes, again before a retry; for no statements nothing
   * runs.
   * @returns rows of the last statement.
   * @throws what `isRaised` recognises, when a statement ended the transaction with `error()`.
   */
  transact(statements: readonly string[] | (() => readonly string[]), label: string): Promise<readonly Row[]>;
  /** The text behind a message of ours with which `error()` ended a transaction; undefined for any other error. */
  raised(error: unknown, message: string): string | undefined;

  /** Whether a load failed because of what the lines contain, so that it fails again unless they change. */
  refusedContent(error: unknown): boolean;
  /** Whether this engine can read lines of an entity; absent where asking costs a load job. */
  takesLines?(entity: string, ndjson: Buffer): Promise<boolean>;

  /** Begins to load pages of a run while later ones are read; absent where a load is one job over all of them. */
  loadEarly?(entity: string, landing: Landing): Promise<EarlyLoad>;
  /** Nothing is read any more: loads may use the memory and the core that reading used. */
  allRead?(): Promise<void>;
  /** Loads batches of pages and runs the statements around them, as one transaction. Rows of the last statement. */
  load(request: LoadRequest): Promise<readonly Row[]>;

  replace(table: TableSchema, rows: readonly TextRow[]): Promise<void>;
  checkWriteAccess(dataset: keyof Datasets): Promise<void>;
  hasTable(table: { readonly dataset: keyof Datasets; readonly name: string }): Promise<boolean>;
  loadTables(): Promise<readonly LoadTable[]>;
  cost(): Cost | undefined;
  close(): void;
}

export interface LoadRequest {
  readonly entity: string;
  readonly landing: Landing;
  readonly now: Date;
  readonly early?: EarlyLoad | undefined;
  /** Batches in the order in which their runs ran. Several are a rebuild's, and `begin` empties the raw table. */
  readonly batches: readonly Batch[];
  /** Rows that the statements read as relations, by name. */
  readonly tables: Readonly<Record<string, { readonly table: TableSchema; readonly rows: GivenRows }>>;
  readonly begin: (relations: Relations) => readonly string[];
  readonly end: (relations: Relations) => readonly string[];
}

/** Rows that may be more than memory holds are made one after the other. */
export type GivenRows = Iterable<TextRow> | AsyncIterable<TextRow>;

export interface Batch {
  /** The pages of one run that showed every record as it is, or of runs in a row that did not. */
  readonly isComplete: boolean;
  readonly pages: readonly PageToLoad[];
  readonly rows: number;
}

/** A landed page, or lines that were made of one. */
export interface PageToLoad {
  readonly run: Pick<Manifest, 'entity' | 'run_id'>;
  readonly page: LandedPage;
  /** NDJSON to load instead of the landed page: it is upgraded to today's schema. */
  readonly ndjson?: () => Promise<Buffer>;
}

/** Names of the tables of a request as the engine made them; undefined for one without rows. */
type Relations = Readonly<Record<string, string | undefined>>;
