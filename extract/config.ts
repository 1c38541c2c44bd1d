/** Everything a run may be told, read once from the environment and validated as a whole. */
export interface Config {
  /** null: no ST_* credentials are set, so the run starts the sandbox tenant inside the process. */
  readonly credentials: Credentials | null;
  /** Host of the token endpoint; `/connect/token` is appended. */
  readonly authUrl: string;
  /** Host of the API; `/jpm/v2/tenant/…` is appended. */
  readonly apiUrl: string;
  readonly syncMode: SyncMode;
  readonly lookbackDays: number;
  readonly maxConcurrentRequests: number;
  readonly rateLimitPerSecond: number;
  /** First day of facts, `YYYY-MM-DD`; dimensions are always read whole. */
  readonly syncStartDate: string;
  /** Zone in which days and weeks are cut, an IANA name. */
  readonly timeZone: string;
  /** The day the run stands for, `YYYY-MM-DD` in `timeZone`. */
  readonly runDate: string;
  readonly warehouse:
    | { readonly kind: 'duckdb'; readonly path: string }
    | { readonly kind: 'bigquery'; readonly projectId: string; readonly location: string };
  readonly datasets: { readonly raw: string; readonly stage: string; readonly mart: string; readonly logs: string };
  readonly landing:
    | { readonly kind: 'folder'; readonly path: string }
    | { readonly kind: 'gcs'; readonly bucket: string; readonly prefix: string };
  readonly referenceDir: string;
  /** What raw tables hold of fields marked personal and not needed by a KPI: the value, or NULL. */
  readonly personalData: 'keep' | 'drop';
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tenantId: string;
  readonly appKey: string;
}

export type SyncMode = 'incremental' | 'full';
