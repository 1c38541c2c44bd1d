import PQueue from 'p-queue';
import { LandingError } from '../../base/errors.ts';
import type { Landing } from '../../extract/landing/landing.ts';
import { findManifest, getVerified, type LandedFile, type Manifest } from '../../extract/landing/manifest.ts';
import { type Finding, failed, ok } from './check.ts';
import { named } from './log.ts';

/** A loaded run that landed at least one file. */
export interface LoadedRun {
  readonly entity: string;
  readonly run_id: string;
}

/** Files of the newest run and of another run of each entity that are hashed unless all are. */
const OF_NEWEST = 2;
const OF_ANOTHER = 1;
/** Files that are read at a time; a page can have 30 MB. */
const AT_ONCE = 4;

/**
 * Hashes landed files and compares them with their manifests: all, or a sample. A run belongs to the sample if it is the
 * newest of its entity, or one that `random` picks among the others.
 *
 * @param runs in the order in which they ran.
 * @param random in [0, 1).
 */
export async function checkFiles(
  landing: Landing,
  runs: readonly LoadedRun[],
  options: { readonly all: boolean; readonly random: () => number; readonly signal: AbortSignal },
): Promise<readonly Finding[]> {
  const { all, random, signal } = options;
  const chosen = all ? runs.map((run) => ({ run, most: Number.POSITIVE_INFINITY })) : sample(runs, random);
  const queue = new PQueue({ concurrency: AT_ONCE });
  const wrong: LandingError[] = [];
  let hashed = 0;
  const noting = async (work: () => Promise<void>) => {
    signal.throwIfAborted();
    await work().catch((error: unknown) => {
      if (!(error instanceof LandingError)) throw error;
      wrong.push(error);
    });
  };
  await queue.addAll(
    chosen.map(
      ({ run, most }) =>
        () =>
          noting(async () => {
            const manifest = await manifestOf(landing, run);
            for (const file of picked([...manifest.pages, ...manifest.rejected], most, random)) {
              await noting(async () => {
                await getVerified(landing, manifest, file);
                hashed += 1;
              });
            }
          }),
    ),
  );
  if (wrong.length > 0) return [failed(messages(wrong), wrong[0]?.remedy)];
  const what = `the SHA-256 of ${hashed} landed files equals their manifests`;
  if (all) return [ok(`${what}: all files of all ${runs.length} loaded runs`)];
  const rest = chosen.length < runs.length ? `${chosen.length} of ${runs.length} loaded runs` : 'a sample';
  return [ok(`${what} (${rest}; \`doctor landed --all-pages\` hashes every file)`)];
}

async function manifestOf(landing: Landing, { entity, run_id }: LoadedRun): Promise<Manifest> {
  const manifest = await findManifest(landing, entity, run_id);
  if (manifest) return manifest;
  throw new LandingError(`${landing.uri(`${entity}/${run_id}/manifest.json`)} is missing`, {
    remedy: 'Restore it from a backup, or extract the entity again with --mode full.',
  });
}

function messages(errors: readonly LandingError[]): string {
  return named(errors.map(({ message }) => message));
}

/** The newest run of each entity, and another one. */
function sample(runs: readonly LoadedRun[], random: () => number) {
  const entities = new Set(runs.map(({ entity }) => entity));
  return [...entities].flatMap((entity) => {
    const own = runs.filter((run) => run.entity === entity);
    const [newest] = own.slice(-1);
    const [another] = picked(own.slice(0, -1), 1, random);
    return [
      ...(newest ? [{ run: newest, most: OF_NEWEST }] : []),
      ...(another ? [{ run: another, most: OF_ANOTHER }] : []),
    ];
  });
}

/** At most `most` of the items, any of them. */
function picked<T extends LoadedRun | LandedFile>(
  items: readonly T[],
  most: number,
  random: () => number,
): readonly T[] {
  const left = [...items];
  const taken: T[] = [];
  while (taken.length < most && left.length > 0) {
    taken.push(...left.splice(Math.floor(random() * left.length), 1));
  }
  return taken;
}
