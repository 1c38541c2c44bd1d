import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildContainer, type Container, canBuildImages } from './container.ts';
import { cloudPlace } from './place.ts';

const canBuild = await canBuildImages();

/** Waits for a program of the container. */
async function ended(child: ReturnType<Container['start']>) {
  if (!child.stdout || !child.stderr) throw new Error('it has no output');
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ]);
  return { stdout, stderr, code };
}

// `tests/deploy/image.test.ts` runs the Dockerfile's steps in folders, wherever there is Node.
describe.skipIf(!canBuild)(
  'the image, built by buildah (Debian: apt-get install buildah debootstrap)',
  () => {
    let container: Container;
    beforeAll(async () => {
      container = await buildContainer();
    }, 1_200_000);
    afterAll(() => container?.remove());

    test('a program in it is its user, and can write to the home folder only', async () => {
      expect(container.user).toBe('node');
      const script = `const { writeFileSync } = require('node:fs');
      const tried = ['/srv/a', '/usr/a', '/home/node/a'].map((file) => {
        try { writeFileSync(file, ''); return 'written'; } catch (error) { return error.code; }
      });
      console.log(JSON.stringify([process.getuid(), ...tried]));`;
      const { stdout, stderr } = await ended(container.start(['node', '-e', script]));
      expect([stderr, JSON.parse(stdout)]).toEqual(['', [1000, 'EROFS', 'EROFS', 'written']]);
    });

    test('a night in it reads the sandbox and fills BigQuery', async () => {
      const { env, datasets, query } = await cloudPlace();
      const night = container.start([...container.entrypoint, 'nightly', '--json'], {
        ...env,
        METADATA_SERVER_DETECTION: 'none',
        RATE_LIMIT_PER_SECOND: '60',
      });
      const { stderr, code } = await ended(night);
      expect([code, stderr.split('\n').filter((line) => /"level":50/.test(line))]).toEqual([0, []]);
      const [mart] = await query<{ days: string }>(
        `select count(*) as days from ${datasets.mart}.daily_kpis`,
      );
      expect(Number(mart?.days)).toBeGreaterThan(1000);
    }, 1_200_000);
  },
);
