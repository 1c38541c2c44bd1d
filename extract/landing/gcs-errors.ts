import { ConfigurationError, LandingError, PipelineError } from '../../base/errors.ts';

/** What was tried when Cloud Storage refused. */
export interface LandingAttempt {
  /** `written`, `read`, `listed`. */
  readonly action: string;
  /** The right that it takes. */
  readonly right: string;
  readonly uri: string;
  readonly bucket: string;
}

/**
 * An error of Google's client as one sentence with the right or the setting that is missing. The error itself is
 * left behind: its request carries a token.
 */
export function landingFailure(error: unknown, attempt: LandingAttempt): PipelineError {
  if (error instanceof PipelineError) return error;
  const { action, right, uri, bucket } = attempt;
  const { code, message } = facts(error);
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
    const named = /storage\.\w+\.\w+/.exec(message)?.[0] ?? right;
    return new LandingError(`${uri} cannot be ${action}: the right ${named} is missing on bucket ${bucket}`, {
      remedy:
        'Give the account of this run roles/storage.objectCreator and roles/storage.objectViewer on that bucket.',
    });
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
    return new LandingError(`${uri} arrived with another CRC32C than it is stored with`, {
      remedy: 'Run again; if it stays, look for a proxy that changes downloads.',
    });
  }
  return new LandingError(`${uri} cannot be ${action} (${code || firstLine(message)})`, {
    remedy: 'Check LANDING_URI and the way to storage.googleapis.com, and run again.',
  });
}

/** The status or the system's code, and the message. Of a large upload the client passes on what it was given: an object, or `status`. */
export function facts(error: unknown): { readonly code: string; readonly message: string } {
  if (typeof error !== 'object' || error === null) return { code: '', message: '' };
  const { code, status, message } = error as Record<string, unknown>;
  return { code: String(code ?? status ?? ''), message: String(message ?? '') };
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
