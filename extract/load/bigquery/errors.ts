import { ConfigurationError, type PipelineError, WarehouseError } from '../../../base/errors.ts';

/** An error that the caller may handle (the name exists already, the object does not exist) or a failed job. */
export class BigqueryError extends WarehouseError {
  /** HTTP status; undefined for a job that ran and failed. */
  readonly status: number | undefined;
  /** BigQuery's reason code: `duplicate`, `notFound`, `invalidQuery`, `rateLimitExceeded`. */
  readonly reason: string;
  /** BigQuery's message. It may quote values, so it is never shown. */
  readonly #detail: string;

  constructor(
    message: string,
    response: { status?: number | undefined; reason: string; detail: string; remedy: string },
  ) {
    super(message, { remedy: response.remedy });
    this.status = response.status;
    this.reason = response.reason;
    this.#detail = response.detail;
  }

  /** Matches a pattern against BigQuery's message. */
  find(pattern: RegExp): RegExpExecArray | null {
    return pattern.exec(this.#detail);
  }

  /** Whether a retry may succeed: a server error, a rate limit, or another transaction on the same table. */
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

/** Turns an error of a request into a message that names the missing permission or setting. */
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

/** Turns the errors of a failed job into a message, as `bigqueryFailure` does. */
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
      ['BigQuery cannot be used: there are no Google credentials'],
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
      [`The BigQuery API is not enabled in project ${projectId}`],
      `Run \`gcloud services enable bigquery.googleapis.com --project ${projectId}\`, or correct BQ_PROJECT_ID.`,
    );
  }
  if (/not found: project|project .* (?:not found|does not exist)|invalid project/i.test(detail)) {
    return new ConfigurationError(
      [`Google Cloud project ${projectId} does not exist, or this account has no access to it`],
      'Correct BQ_PROJECT_ID. It is the id of the project, not its name or number.',
    );
  }
  if (
    /dataset \S+ was not found in location|different location|same location|cannot read and write in/i.test(
      detail,
    )
  ) {
    return new ConfigurationError(
      [`The datasets and the bucket are not all in BQ_LOCATION (${location})`],
      'Set BQ_LOCATION to the location of the datasets, and use a bucket in the same location for LANDING_URI.',
    );
  }
  if (reason === 'accessDenied' || (status === 403 && reason !== 'quotaExceeded' && !isTransient(failure))) {
    const permission = /\b(?:bigquery|storage)\.\w+\.\w+/.exec(detail)?.[0] ?? 'roles/bigquery.jobUser';
    return new WarehouseError(
      `BigQuery denied access: permission ${permission} is missing in project ${projectId}`,
      {
        remedy:
          'Grant the account of this run roles/bigquery.jobUser on the project, roles/bigquery.dataEditor on the datasets and roles/storage.objectViewer on the bucket.',
        isDenied: true,
      },
    );
  }
  if (reason === 'quotaExceeded') {
    return new WarehouseError(`A quota of BigQuery is exhausted in project ${projectId}`, {
      remedy:
        'See which one in IAM & Admin > Quotas. A daily quota is renewed at midnight Pacific time; docs/scale.md lists the limits.',
    });
  }
  if (/bytesBilledLimitExceeded/.test(reason) || /exceeded limit for bytes billed/i.test(detail)) {
    return new WarehouseError('A query would bill more bytes than BQ_MAXIMUM_BYTES_BILLED allows', {
      remedy: 'Raise BQ_MAXIMUM_BYTES_BILLED, or unset it.',
    });
  }
  if (/^E[A-Z_]+$/.test(reason)) {
    return new WarehouseError(`BigQuery cannot be reached (${reason})`, {
      remedy: 'Check the network connection to bigquery.googleapis.com, and run again.',
    });
  }
  const badRows = [failure, ...others.map(asFailure)].flatMap((part) => badRowIn(part.detail));
  const at = badRows.length > 0 ? `: ${[...new Set(badRows)].slice(0, 5).join('; ')}` : '';
  return new BigqueryError(
    `BigQuery refused the request (${reason || status || 'no reason given'})${at}; nothing was changed`,
    {
      ...failure,
      remedy: isTransient(failure)
        ? 'Run again in a few minutes.'
        : `Run again; if the error repeats, report it${jobId === undefined ? '' : ` with the error that the BigQuery console shows for job ${jobId}`}.`,
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

/** Where a load job met a bad row: object, position and field, never the value. */
function badRowIn(detail: string): string[] {
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
