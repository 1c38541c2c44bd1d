import { ConfigurationError, LandingError, PipelineError } from '../../base/errors.ts';

/** The operation that failed. */
export interface LandingAttempt {
  /** `written`, `read`, `listed`. */
  readonly action: string;
  /** The permission that the operation needs. */
  readonly permission: string;
  readonly uri: string;
  readonly bucket: string;
}

/**
 * Turns an error of Google's client into one that names the missing permission or setting. The original error is not
 * kept as cause: its request contains a token.
 */
export function landingFailure(error: unknown, attempt: LandingAttempt): PipelineError {
  if (error instanceof PipelineError) return error;
  const { action, permission, uri, bucket } = attempt;
  const { code, message } = errorDetails(error);
  if (/default credentials/i.test(message)) {
    return new ConfigurationError(
      [`${uri} cannot be ${action}: there are no Google credentials`],
      'Set GOOGLE_APPLICATION_CREDENTIALS to a key file, or run `gcloud auth application-default login`.',
    );
  }
  if (code === '401' || /invalid_grant/.test(message)) {
    return new LandingError(`${uri} cannot be ${action}: Google refused the credentials`, {
      remedy: 'Renew them (`gcloud auth application-default login`, or a new key file) and run again.',
    });
  }
  if (code === '403') {
    const missing = /storage\.\w+\.\w+/.exec(message)?.[0] ?? permission;
    return new LandingError(
      `${uri} cannot be ${action}: the permission ${missing} is missing on bucket ${bucket}`,
      {
        remedy:
          'Give the account of this run roles/storage.objectCreator and roles/storage.objectViewer on that bucket.',
        isDenied: true,
      },
    );
  }
  if (code === '404' && (action !== 'read' || /bucket does not exist/i.test(message))) {
    return new ConfigurationError(
      [`LANDING_URI names bucket ${bucket}, which does not exist`],
      'Create the bucket in the location of BQ_LOCATION (deploy/terraform does), or correct LANDING_URI.',
    );
  }
  if (code === '404') {
    return new LandingError(`${uri} cannot be read: there is no such object`, {
      remedy: 'Restore it from a backup, or extract the entity again with --mode full.',
    });
  }
  if (code === 'CONTENT_DOWNLOAD_MISMATCH') {
    return new LandingError(`${uri} changed during the download: its CRC32C differs from the stored one`, {
      remedy: 'Run again; if the error repeats, look for a proxy that changes downloads.',
    });
  }
  return new LandingError(`${uri} cannot be ${action} (${code || firstLine(message)})`, {
    remedy: 'Check LANDING_URI and the network path to storage.googleapis.com, and run again.',
  });
}

/** The HTTP status or system code of an error, and its message. Errors of large uploads are plain objects or have only `status`. */
export function errorDetails(error: unknown): { readonly code: string; readonly message: string } {
  if (typeof error !== 'object' || error === null) return { code: '', message: '' };
  const { code, status, message } = error as Record<string, unknown>;
  return { code: String(code ?? status ?? ''), message: String(message ?? '') };
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
