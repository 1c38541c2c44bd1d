import type { TableSchema } from '../../schemas/columns.ts';
import type { CallMetrics } from '../api/client.ts';
import type { Datasets } from '../config.ts';
import type { Landing } from '../landing/landing.ts';
import type { BackfillWindow, Cursor, LandedPage, Manifest } from '../landing/manifest.ts';
import type { Receipt } from './receipt.ts';

/** The right to work on an entity; only the newest lease may commit. */
export interface Lease {
  readonly entity: string;
  readonly runId: string;
  readonly owner: string;
  readonly fencingNumber: number;
}

export interface RunStart {
  readonly lease: Lease;
  readonly cursor: Cursor;
  /** When state moved last. */
  readonly updatedAt: Date | null;
  /** Runs since then that did not end well, oldest first: their pages may be landed but not loaded. */
  readonly unfinishedRuns: readonly string[];
}

/** Ids of records that the feed may not tell of, as the tables stand now. */
interface OpenRecords {
  /** Records that broke their schema and have not come right since. */
  readonly rejectedIds: readonly string[];
  /** Records whose standing field was not zero when they were read last, without those known to have vanished. */
  readonly openIds: readonly string[];
}

export interface Run {
  readonly entity: string;
  readonly runId: string;
  readonly runDate: string;
  readonly mode: Manifest['mode'] | 'replay';
  /** Of a backfill or a sweep alone. */
  readonly window?: BackfillWindow | undefined;
  readonly now: Date;
}

/** Pages that are loaded in a transaction of their own, which `Engine.load` takes over, while later ones are read. */
export interface EarlyLoad {
  add(run: Pick<Manifest, 'entity' | 'run_id'>, page: LandedPage): void;
  /** Gives up what was loaded. */
  abandon(): Promise<void>;
}

export interface Load {
  readonly manifest: Manifest;
  /** What `loadEarly` began. */
  readonly early?: EarlyLoad | undefined;
  readonly landing: Landing;
  readonly lease: Lease;
  readonly now: Date;
}

export interface Rebuild extends Omit<Load, 'manifest' | 'early'> {
  /** Every landed run of the entity, oldest first. */
  readonly manifests: readonly Manifest[];
}

export interface Failure {
  readonly lease: Lease;
  readonly error: string;
  readonly metrics: CallMetrics;
  readonly now: Date;
}

/** Records of the lease's entity that a sweep did not find any more, and those noted so before that it saw again. */
export interface MissingNote {
  readonly lease: Lease;
  readonly missing: readonly {
    readonly id: string;
    /** ISO instant with microseconds. */
    readonly changedAt: string | null;
  }[];
  readonly evidence: string;
  readonly returnedIds: readonly string[];
  readonly now: Date;
}

/** What work in the warehouse cost, since it was opened. */
export interface Cost {
  readonly bytesBilled: number;
  readonly slotMs: number;
  readonly jobs: number;
  /** Calls of the warehouse's own API. */
  readonly requests: number;
}

/** A table of a load that outlives its process, as `dataset.table`, and when it expires. */
export interface LoadTable {
  readonly name: string;
  readonly endsAt: Date | null;
}

/** A row whose numbers, dates and flags are written as text; a missing cell is NULL. */
export type TextRow = Readonly<Record<string, string | boolean | null | undefined>>;

/** Rows of a query by column name; see `Warehouse.query`. */
export type Query = <Row>(sql: string) => Promise<readonly Row[]>;

/** Where raw tables, state and logs live. Every method leaves the warehouse whole, also when it throws. */
export interface Warehouse {
  /**
   * Creates what is missing: datasets, tables, columns. @throws WarehouseError when a column changed its
   * type.
   */
  prepare(tables: readonly TableSchema[]): Promise<void>;

  /**
   * Takes the lease of an entity and notes the run as running.
   *
   * @throws LeaseError while another living run holds it.
   */
  begin(run: Run): Promise<RunStart>;

  /** What to ask for by id; runs that were left unfinished must be loaded before, for they may hold more of it. */
  openRecords(entity: string): Promise<OpenRecords>;

  /** How long a lease lasts after it was taken or prolonged. */
  readonly leaseMs: number;

  /** Keeps the lease for a minute or more from then on. @throws LeaseError when it was taken over. */
  extendLease(lease: Lease, now: Date): Promise<void>;

  /**
   * Begins to load pages of a run while later ones are read; undefined where a load is one job over all of them. Pass it to
   * `load`, or abandon it.
   */
  loadEarly(entity: string, landing: Landing): EarlyLoad | undefined;

  /**
   * Adds to the raw table the versions that it does not have; rows, rejected records, log, receipt and
   * state move together or not at all. State moves if it stands where the manifest began. The lease stays.
   *
   * @returns also where the cursor stands now.
   * @throws LandingError, WarehouseError (receipt), LeaseError (taken over)
   */
  load(load: Load): Promise<{ readonly receipt: Receipt; readonly cursor: Cursor }>;

  /**
   * Empties the raw table and loads these runs anew, in one step; log and state as in `load`. Runs that the log has
   * lost, as with a new warehouse, are noted again. What the service counted is not held against them: a run that it
   * failed is landed all the same.
   */
  rebuild(rebuild: Rebuild): Promise<Receipt>;

  /**
   * Adds to and takes from the vanished records of one entity, in one step. A load takes from them what it brings.
   *
   * @throws LeaseError when it was taken over; then nothing is noted.
   */
  noteMissing(note: MissingNote): Promise<void>;

  /**
   * Replaces the whole content of a table that is not a change log: reference and result tables. Cells are
   * text.
   */
  replace(table: TableSchema, rows: readonly TextRow[]): Promise<void>;

  /**
   * Reads rows as plain objects whose values are text, flags or null, so that no digit passes through a float.
   *
   * @param sql a query that GoogleSQL and DuckDB read alike; tables stand as `dataset.table`.
   */
  query: Query;

  /** Notes why the run of the entity failed. */
  fail(failure: Failure): Promise<void>;

  /** Gives the lease back. */
  releaseLease(lease: Lease): Promise<void>;

  /** What it cost so far; undefined where nothing is billed. */
  cost(): Cost | undefined;

  /**
   * Makes a table in the dataset, writes a row into it and drops it; the dataset too where it was missing. Nothing is
   * left of it.
   *
   * @throws WarehouseError when one of these is refused.
   */
  checkWriteAccess(dataset: keyof Datasets): Promise<void>;

  /** Whether a table is there; nothing is created. @throws WarehouseError when that may not be asked. */
  hasTable(table: { readonly dataset: keyof Datasets; readonly name: string }): Promise<boolean>;

  /** Tables of loads that outlive their process, as `dataset.table`. */
  loadTables(): Promise<readonly LoadTable[]>;

  close(): void;
}
