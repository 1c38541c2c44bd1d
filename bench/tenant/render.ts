import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createBook } from '../../sandbox/data/book.ts';
import { addStaff } from '../../sandbox/data/people.ts';
import { addUnitsAndTypes } from '../../sandbox/data/units.ts';
import { type Entity, entities } from '../../schemas/entities.ts';
import { isOpen } from './links.ts';
import { recordMaker } from './records.ts';
import { type GeneratedEntity, RUN_DATE, SYNC_START_DATE, type Volumes, volumesAt } from './volumes.ts';

/** One `data` array on disk, with its brackets. */
export interface RenderedPage {
  readonly file: string;
  readonly rows: number;
  readonly bytes: number;
}

export interface RenderedEntity {
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
  /** The export feed, or the only content of an entity that has none. */
  readonly pages: readonly RenderedPage[];
  /** What the feed holds behind its end once records have changed. */
  readonly changes: readonly RenderedPage[];
  /** Records whose standing field is not zero. */
  readonly standing: readonly RenderedPage[];
}

export interface RenderedTenant {
  readonly folder: string;
  readonly scale: number;
  readonly rowsPerPage: number;
  readonly entities: readonly RenderedEntity[];
}

export interface TenantSettings {
  /** Share of the real volume. */
  readonly scale: number;
  readonly rowsPerPage: number;
}

/** One record of two hundred changes from the first night to the next. */
const CHANGED_EVERY = 200;
const INDEX = 'tenant.json';
/** Another number makes every folder anew. */
const VERSION = 3;

/** Renders the tenant into a folder below `cache`, or finds it there. */
export async function renderTenant(cache: string, settings: TenantSettings): Promise<RenderedTenant> {
  const folder = join(cache, `tenant-v${VERSION}-${settings.scale}-${settings.rowsPerPage}`);
  const index = join(folder, INDEX);
  if (existsSync(index)) return { ...(JSON.parse(await readFile(index, 'utf8')) as RenderedTenant), folder };
  await rm(folder, { recursive: true, force: true });
  const unfinished = `${folder}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  const volumes = volumesAt(settings.scale);
  const dimensions = smallDimensions();
  const rendered: RenderedEntity[] = [];
  for (const entity of entities) {
    const put = (kind: string, records: Iterable<string>) =>
      writePages(unfinished, `${entity.name}-${kind}`, records, settings.rowsPerPage);
    const { all, changed, standing } = isGenerated(entity.name, volumes)
      ? generated(entity, entity.name, volumes)
      : { all: dimensions.records(entity.name).map(({ json }) => json), changed: [], standing: [] };
    const pages = await put('page', all);
    rendered.push({
      name: entity.name,
      rows: sum(pages, 'rows'),
      bytes: sum(pages, 'bytes'),
      pages,
      changes: await put('changes', changed),
      standing: await put('standing', standing),
    });
  }
  const tenant: RenderedTenant = { folder, ...settings, entities: rendered };
  await writeFile(join(unfinished, INDEX), JSON.stringify(tenant));
  await rename(unfinished, folder);
  return tenant;
}

function isGenerated(name: string, volumes: Volumes): name is GeneratedEntity {
  return name in volumes;
}

function generated(entity: Entity, name: GeneratedEntity, volumes: Volumes) {
  const make = recordMaker(name, volumes);
  const rows = volumes[name];
  const changedAtMs = Date.parse(`${RUN_DATE}T06:00:00Z`);
  return {
    all: made(rows, 1, (index) => make(index)),
    changed: entity.export ? made(rows, CHANGED_EVERY, (index) => make(index, changedAtMs + index)) : [],
    standing: entity.openRecords ? made(rows, 1, (index) => (isOpen(index) ? make(index) : undefined)) : [],
  };
}

function* made(rows: number, step: number, make: (index: number) => string | undefined): Generator<string> {
  for (let index = 0; index < rows; index += step) {
    const record = make(index);
    if (record !== undefined) yield record;
  }
}

/** Units, types, people, tags: as many as any such company has, whatever its volume. */
function smallDimensions() {
  const book = createBook(`${RUN_DATE}T12:00:00Z`);
  addUnitsAndTypes(book, SYNC_START_DATE);
  addStaff(book, SYNC_START_DATE);
  return book;
}

async function writePages(
  folder: string,
  prefix: string,
  records: Iterable<string>,
  rowsPerPage: number,
): Promise<readonly RenderedPage[]> {
  const pages: RenderedPage[] = [];
  let rows: string[] = [];
  const flush = async () => {
    if (rows.length === 0) return;
    const file = `${prefix}-${pages.length + 1}.json`;
    const bytes = Buffer.from(`[${rows.join(',')}]`);
    await writeFile(join(folder, file), bytes);
    pages.push({ file, rows: rows.length, bytes: bytes.length });
    rows = [];
  };
  for (const record of records) {
    if (rows.push(record) === rowsPerPage) await flush();
  }
  await flush();
  return pages;
}

function sum(pages: readonly RenderedPage[], field: 'rows' | 'bytes'): number {
  return pages.reduce((total, page) => total + page[field], 0);
}
