import { ConfigurationError, type PipelineError, WarehouseError } from '../../../base/errors.ts';

/** An answer that the caller may expect (a name that is taken, a thing that is not there) or a job's own failure. */
export class BigqueryRefusal extends WarehouseError {
  /** HTTP status; undefined for a job that ran and failed. */
  readonly status: number | undefined;
  /** BigQuery's own word: `duplicate`, `notFound`, `invalidQuery`, `rateLimitExceeded`. */
  readonly reason: string;
  /** BigQuery's own sentence; it may quote values, so it is never shown. */
  readonly #detail: string;

  constructor(
    message: string,
    refusal: { status?: number | undefined; reason: string; detail: string; remedy: string },
  ) {
    super(message, { remedy: refusal.remedy });
    this.status = refusal.status;
    this.reason = refusal.reason;
    this.#detail = refusal.detail;
  }

  /** What of BigQuery's own sentence a pattern finds. */
  find(pattern: RegExp): RegExpExecArray | null {
    return pattern.exec(this.#detail);
  }

  /** Worth another attempt: the service's own trouble, a rate limit, or another transaction on the same table. */
  get isTransient(): boolean {
    return isTransient({ status: this.status, reason: this.reason, detail: this.#detail });
  }
}

export interface ErrorPart {
  readonly reason?: string;
  readonly message?: string;
  readonly location?: string;
}

interface Place {
  readonly projectId: string;
  readonly location: string;
}

/** An error of a request as one sentence with the right or the setting that is missing. */
export function bigqueryFailure(error: Error, place: Place): PipelineError {
  const { code, errors } = error as Error & { code?: unknown; errors?: readonly ErrorPart[] };
  const [first] = errors ?? [];
  return failureOf(
    {
      status: typeof code === 'number' ? code : undefined,
      reason: first?.reason ?? (typeof code === 'string' ? code : ''),
      detail: first?.message ?? error.message,
    },
    place,
  );
}

/** The same for a job that BigQuery took and that ended with an error. */
export function jobFailure(jobId: string, errors: readonly ErrorPart[], place: Place): PipelineError {
  const [first] = errors;
  const failure = { status: undefined, reason: first?.reason ?? 'unknown', detail: first?.message ?? '' };
  return failureOf(failure, place, { jobId, others: errors.slice(1) });
}

interface Failure {
  readonly status: number | undefined;
  readonly reason: string;
  readonly detail: string;
}

function failureOf(
  failure: Failure,
  place: Place,
  { jobId, others }: { jobId?: string; others: readonly ErrorPart[] } = { others: [] },
): PipelineError {
  const { status, reason, detail } = failure;
  const { projectId, location } = place;
  if (/default credentials/i.test(detail)) {
    return new ConfigurationError(
      ['BigQuery cannot be asked: there are no Google credentials'],
      'Set GOOGLE_APPLICATION_CREDENTIALS to a key file, or run `gcloud auth application-default login`.',
    );
  }
  if (status === 401 || /invalid_grant/.test(detail)) {
    return new WarehouseError('Google refused the credentials for BigQuery', {
      remedy: 'Renew them (`gcloud auth application-default login`, or a new key file) and run again.',
    });
  }
  if (reason === 'accessNotConfigured' || /has not enabled BigQuery|API has not been used/i.test(detail)) {
    return new ConfigurationError(
      [`The BigQuery API is off in project ${projectId}`],
      `Run \`gcloud services enable bigquery.googleapis.com --project ${projectId}\`, or correct BQ_PROJECT_ID.`,
    );
  }
  if (/not found: project|project .* (?:not found|does not exist)|invalid project/i.test(detail)) {
    return new ConfigurationError(
      [`There is no Google Cloud project ${projectId}, or this account may not see it`],
      'Correct BQ_PROJECT_ID; it is the id of the project, not its name or number.',
    );
  }
  if (
    /dataset \S+ was not found in location|different location|same location|cannot read and write in/i.test(
      detail,
    )
  ) {
    return new ConfigurationError(
      [`The datasets, the bucket and BQ_LOCATION (${location}) are not in one location`],
      'Set BQ_LOCATION to the location of the datasets, and keep the bucket of LANDING_URI there too.',
    );
  }
  if (reason === 'accessDenied' || (status === 403 && reason !== 'quotaExceeded' && !isTransient(failure))) {
    const right = /\b(?:bigquery|storage)\.\w+\.\w+/.exec(detail)?.[0] ?? 'roles/bigquery.jobUser';
    return new WarehouseError(`BigQuery refused: the right ${right} is missing in project ${projectId}`, {
      remedy:
        'Give the account of this run roles/bigquery.jobUser on the project, roles/bigquery.dataEditor on the datasets and roles/storage.objectViewer on the bucket.',
    });
  }
  if (/bytesBilledLimitExceeded/.test(reason) || /exceeded limit for bytes billed/i.test(detail)) {
    return new WarehouseError('A query would bill more bytes than BQ_MAXIMUM_BYTES_BILLED allows', {
      remedy: 'Raise BQ_MAXIMUM_BYTES_BILLED, or unset it.',
    });
  }
  if (/^E[A-Z_]+$/.test(reason)) {
    return new WarehouseError(`BigQuery cannot be reached (${reason})`, {
      remedy: 'Check the way to bigquery.googleapis.com, and run again.',
    });
  }
  const where = [failure, ...others.map(asFailure)].flatMap((part) => rowsNamed(part.detail));
  const at = where.length > 0 ? `: ${[...new Set(where)].slice(0, 5).join('; ')}` : '';
  return new BigqueryRefusal(
    `BigQuery refused the change (${reason || status || 'no reason given'})${at}; nothing of it was kept`,
    {
      ...failure,
      remedy: isTransient(failure)
        ? 'Run again in a few minutes.'
        : `Run again; if it stays, report what BigQuery says${jobId === undefined ? '' : ` of job ${jobId} in its console`}.`,
    },
  );
}

const TRANSIENT: ReadonlySet<string> = new Set([
  'backendError',
  'internalError',
  'jobBackendError',
  'jobRateLimitExceeded',
  'rateLimitExceeded',
  'userRateLimitExceeded',
]);

function isTransient({ status, reason, detail }: Failure): boolean {
  return (
    (status !== undefined && (status >= 500 || status === 429)) ||
    TRANSIENT.has(reason) ||
    /concurrent update|could not serialize/i.test(detail)
  );
}

/** Where a load met a bad row: the object, the position and the field, never the value. */
function rowsNamed(detail: string): string[] {
  const file = /gs:\/\/[\w./-]+/.exec(detail)?.[0];
  const position = /(?:row|line|position)[^\d]{0,40}(\d+)/i.exec(detail);
  const field = /field:? ([\w.]+)/i.exec(detail)?.[1];
  const parts = [
    file,
    position && `${/byte|position/i.test(position[0]) ? 'position' : 'row'} ${position[1]}`,
    field && `field ${field}`,
  ].filter((part) => typeof part === 'string');
  return parts.length > 0 ? [parts.join(', ')] : [];
}

function asFailure({ reason = '', message = '' }: ErrorPart): Failure {
  return { status: undefined, reason, detail: message };
}
