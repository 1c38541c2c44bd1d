import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** A file that was written, created or deleted. */
export interface FileChange {
  readonly path: string;
  readonly kind: 'changed' | 'new' | 'deleted';
}

/** An editor may write a file in several steps. */
const QUIET_MS = 60;
const READ = /\.(sqlx|js|csv|json)$/;

/**
 * Yields the files that changed in folders and their sub-folders, or among single files, each time that some did. Changes
 * that happen while the caller works come with the next ones. Ends when the signal is aborted.
 */
export async function* fileChanges(
  places: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<readonly FileChange[]> {
  const watchers = new Map<string, FSWatcher>();
  let hasChanged = false;
  let wake = () => {};
  const onEvent = () => {
    hasChanged = true;
    wake();
  };
  // Each folder has a watcher of its own: one for a whole tree misses files that an editor replaces by renaming.
  const watchFolders = (files: Files) => {
    for (const folder of files.folders) {
      if (watchers.has(folder)) continue;
      const watcher = watch(folder, { persistent: true }, onEvent);
      // A folder that was removed; its parent tells of it.
      watcher.on('error', () => watcher.close());
      watchers.set(folder, watcher);
    }
    for (const [folder, watcher] of watchers) {
      if (files.folders.has(folder)) continue;
      watcher.close();
      watchers.delete(folder);
    }
  };
  signal.addEventListener('abort', onEvent, { once: true });
  try {
    let known = filesIn(places);
    watchFolders(known);
    while (!signal.aborted) {
      if (!hasChanged) await new Promise<void>((resolve) => (wake = resolve));
      while (hasChanged && !signal.aborted) {
        hasChanged = false;
        await wait(QUIET_MS);
      }
      if (signal.aborted) return;
      const now = filesIn(places);
      watchFolders(now);
      const changes = between(known.stamps, now.stamps);
      known = now;
      if (changes.length > 0) yield changes;
    }
  } finally {
    signal.removeEventListener('abort', onEvent);
    for (const watcher of watchers.values()) watcher.close();
  }
}

interface Files {
  /** By path: what differs as soon as the file is written. */
  readonly stamps: ReadonlyMap<string, string>;
  readonly folders: ReadonlySet<string>;
}

function filesIn(places: readonly string[]): Files {
  const stamps = new Map<string, string>();
  const folders = new Set<string>();
  const visit = (path: string) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory()) {
      folders.add(path);
      for (const name of readdirSync(path)) if (!name.startsWith('.')) visit(join(path, name));
    } else if (stat && READ.test(path)) {
      stamps.set(path, `${stat.mtimeMs} ${stat.size} ${stat.ino}`);
    }
  };
  for (const place of places) {
    visit(place);
    if (!folders.has(place)) folders.add(dirname(place));
  }
  return { stamps, folders };
}

function between(before: Files['stamps'], after: Files['stamps']): readonly FileChange[] {
  const written = [...after].flatMap(([path, stamp]): FileChange[] => {
    const old = before.get(path);
    return old === stamp ? [] : [{ path, kind: old === undefined ? 'new' : 'changed' }];
  });
  const deleted = [...before.keys()].filter((path) => !after.has(path));
  return [...written, ...deleted.map((path): FileChange => ({ path, kind: 'deleted' }))];
}
