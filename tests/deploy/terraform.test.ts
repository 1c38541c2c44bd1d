import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { folderLanding } from '../../extract/landing/folder.ts';
import { type LandedPage, sha256 } from '../../extract/landing/manifest.ts';
import { objectToLoad } from '../../extract/load/bigquery/load.ts';
import { entities } from '../../schemas/entities.ts';
import { PROJECT } from './context.ts';
import { argumentProblems, referenceProblems } from './provider/check.ts';
import { googleSchema } from './provider/schema.ts';
import {
  type Body,
  blockOf,
  type Configuration,
  expressionsOf,
  readConfiguration,
  resourcesOf,
  TERRAFORM,
} from './terraform.ts';

let configuration: Configuration;
beforeAll(async () => {
  configuration = await readConfiguration();
});

const only = (type: string): Body => {
  const [first, ...others] = resourcesOf(configuration, type);
  if (!first || others.length > 0) throw new Error(`There is not one ${type}`);
  return first.body;
};
const texts = () => JSON.stringify(configuration.resources);

describe('the Terraform configuration', () => {
  it('Terraform resources use only arguments of the provider and set all required ones', () => {
    expect(argumentProblems(configuration, googleSchema())).toEqual([]);
  });

  it('Terraform references point to existing resources, and every variable is used', () => {
    expect(referenceProblems(configuration, googleSchema())).toEqual([]);
  });

  it('the Terraform check reports misspelt, missing and dangling arguments', () => {
    const spoilt = (type: string, change: Body): Configuration => ({
      ...configuration,
      resources: configuration.resources.map((one) =>
        one.type === type ? { ...one, body: { ...one.body, ...change } } : one,
      ),
    });
    const job = 'google_cloud_scheduler_job';
    expect(argumentProblems(spoilt(job, { timezone: 'UTC' }), googleSchema())).toEqual([
      `${job}.run has no argument timezone`,
    ]);
    expect(argumentProblems(spoilt(job, { name: undefined }), googleSchema())).toEqual([
      `${job}.run lacks name`,
    ]);
    expect(
      referenceProblems(spoilt(job, { region: '${google_storage_bucket.pages.location}' }), googleSchema()),
    ).toEqual([`${job}.run: there is no google_storage_bucket.pages`]);
    expect(
      referenceProblems(spoilt(job, { region: '${google_storage_bucket.landing.place}' }), googleSchema()),
    ).toEqual([`${job}.run: google_storage_bucket has no place`]);
    expect(referenceProblems(spoilt(job, { region: '${var.zone}' }), googleSchema())).toEqual([
      `${job}.run: there is no var.zone`,
    ]);
  });
});

describe('enabled Google services in Terraform', () => {
  const APIS = {
    artifact_registry: 'artifactregistry',
    bigquery: 'bigquery',
    cloud_run: 'run',
    cloud_scheduler: 'cloudscheduler',
    logging: 'logging',
    monitoring: 'monitoring',
    project_iam: 'cloudresourcemanager',
    secret_manager: 'secretmanager',
    service_account: 'iam',
    storage: 'storage',
  };
  const made = () => configuration.resources.filter(({ type }) => type !== 'google_project_service');

  it('Terraform enables exactly the Google services that its resources need', () => {
    const needed = made().map(({ type }) => {
      const [, api] = Object.entries(APIS).find(([kind]) => type.startsWith(`google_${kind}`)) ?? [];
      return `${api ?? `unknown, for ${type}`}.googleapis.com`;
    });
    const enabled = String(only('google_project_service').for_each).match(/[a-z]+\.googleapis\.com/g);
    expect(enabled).toEqual([...new Set(needed)].sort());
  });

  it('each Terraform resource waits until the Google services are enabled', () => {
    const bodies = new Map(configuration.resources.map(({ type, name, body }) => [`${type}.${name}`, body]));
    const isWaiting = (name: string): boolean =>
      name === 'google_project_service.needed' ||
      expressionsOf(bodies.get(name))
        .flatMap((text) => text.match(/\bgoogle_\w+\.\w+/g) ?? [])
        .some((other) => other !== name && isWaiting(other));
    const names = made().map(({ type, name }) => `${type}.${name}`);
    expect(names.filter((name) => !isWaiting(name))).toEqual([]);
  });
});

describe('IAM permissions in Terraform', () => {
  it('Terraform grants permissions to named members only and never owner, editor or viewer', () => {
    expect(texts()).not.toMatch(/allUsers|allAuthenticatedUsers/);
    expect(texts()).not.toMatch(/roles\/(owner|editor|viewer)\b/);
    const types = configuration.resources.map(({ type }) => type);
    expect(types.filter((type) => /_iam_(binding|policy)$|_key$/.test(type))).toEqual([]);
  });

  it('Terraform grants least privilege: queries in the project, the rest per dataset, bucket, secret or job', () => {
    const roles = configuration.resources
      .filter(({ type }) => type.endsWith('_iam_member'))
      .map(({ type, body }) => [type.replace(/^google_|_iam_member$/g, ''), body.role, body.for_each ?? '']);
    expect(roles.map(([where, role]) => `${where}: ${role}`).sort()).toEqual([
      'bigquery_dataset: roles/bigquery.dataEditor',
      'bigquery_dataset: roles/bigquery.dataViewer',
      'cloud_run_v2_job: roles/run.invoker',
      'project: roles/bigquery.jobUser',
      'project: roles/bigquery.jobUser',
      'secret_manager_secret: roles/secretmanager.secretAccessor',
      'storage_bucket: ${each.value}',
    ]);
    expect(roles.find(([where]) => where === 'storage_bucket')?.[2]).toBe(
      '${toset(["roles/storage.objectCreator", "roles/storage.objectViewer"])}',
    );
  });

  it('readers of the mart may run queries and read no other dataset', () => {
    const given = configuration.resources.filter(
      ({ body }) => body.for_each === '${toset(var.mart_readers)}',
    );
    expect(given.map(({ type }) => type).sort()).toEqual([
      'google_bigquery_dataset_iam_member',
      'google_project_iam_member',
    ]);
    const [onDataset] = given.filter(({ type }) => type.startsWith('google_bigquery'));
    expect(onDataset?.body.dataset_id).toBe('${google_bigquery_dataset.layer["mart"].dataset_id}');
  });

  it('the Cloud Run service checks tokens itself and accepts only internal traffic', () => {
    const service = only('google_cloud_run_v2_service');
    expect(service.invoker_iam_disabled).toBe(true);
    expect(service.ingress).toBe('${var.service_ingress}');
    expect(configuration.variables.service_ingress?.default).toBe('INGRESS_TRAFFIC_INTERNAL_ONLY');
    expect(JSON.stringify(service)).toContain('SERVE_AUDIENCE');
    expect(JSON.stringify(service)).toContain('SERVE_ALLOWED_CALLERS');
  });
});

describe('secrets in Terraform', () => {
  it('Terraform names the four credentials and the webhook as secrets and holds no value of them', () => {
    const secret = only('google_secret_manager_secret');
    const names = [...String(secret.for_each).matchAll(/"([A-Z_]+)"/g)].map(([, name]) => name);
    expect(names).toEqual(['ST_CLIENT_ID', 'ST_CLIENT_SECRET', 'ST_TENANT_ID', 'ST_APP_KEY', 'NOTIFY_URL']);
    expect(configuration.resources.filter(({ type }) => /secret_version|random_|tls_/.test(type))).toEqual(
      [],
    );
    expect(
      Object.keys(configuration.variables).filter((name) => /secret|token|password|key/i.test(name)),
    ).toEqual([]);
  });

  it('the job and the service receive the credentials as secret references', () => {
    for (const type of ['google_cloud_run_v2_job', 'google_cloud_run_v2_service']) {
      const text = JSON.stringify(only(type));
      expect(text).toContain('secret_key_ref');
      expect(text).not.toMatch(/"name":"ST_/);
    }
  });
});

describe('the landing bucket and the datasets in Terraform', () => {
  it('the landing bucket cannot be made public, emptied or destroyed, and old objects move to cheaper storage', () => {
    const bucket = only('google_storage_bucket');
    expect(bucket).toMatchObject({
      uniform_bucket_level_access: true,
      public_access_prevention: 'enforced',
      force_destroy: false,
      lifecycle: [{ prevent_destroy: true }],
    });
    expect(blockOf(bucket, 'retention_policy').retention_period).toBe(
      '${var.landing_retention_days * 24 * 60 * 60}',
    );
    const rules = (bucket.lifecycle_rule as readonly Body[]).map((rule) => blockOf(rule, 'action'));
    expect(rules).toEqual([
      { type: 'SetStorageClass', storage_class: 'NEARLINE' },
      { type: 'SetStorageClass', storage_class: 'ARCHIVE' },
      { type: 'Delete' },
    ]);
  });

  it('the landing bucket deletes copies for load jobs after a day and keeps every landed page', async () => {
    const rules = only('google_storage_bucket').lifecycle_rule as readonly Body[];
    const deleting = rules.filter((rule) => blockOf(rule, 'action').type === 'Delete');
    expect(deleting.map((rule) => blockOf(rule, 'condition'))).toEqual([
      { age: 1, matches_prefix: ['landing/load/'] },
    ]);
    const { settings } = configuration.locals as { settings: string };
    expect(settings).toContain('"gs://${google_storage_bucket.landing.name}/landing"');
    const landing = folderLanding(await mkdtemp(join(tmpdir(), 'landing-')));
    onTestFinished(() => rm(landing.uri(''), { recursive: true }));
    const run = { entity: 'jobs', run_id: 'run-1' };
    const bytes = gzipSync('{"id":1}\n');
    const page = { file: 'page-00001.ndjson.gz', sha256: sha256(bytes) } as LandedPage;
    await landing.put('jobs/run-1/page-00001.ndjson.gz', bytes);
    await objectToLoad(landing, { run, page });
    expect(await landing.list('')).toEqual(['jobs']);
    const copy = await objectToLoad(landing, { run, page, ndjson: async () => Buffer.from('{"id":2}\n') });
    expect(await landing.list('')).toEqual(['jobs', 'load']);
    expect(copy.uri).toBe(landing.uri(`load/${copy.sha256}.ndjson.gz`));
    // No entity may have the name of that folder.
    expect(entities.map(({ name }) => name)).not.toContain('load');
  });

  it('Terraform destroy keeps the four datasets, which have labels and the location of the bucket', () => {
    const dataset = only('google_bigquery_dataset');
    expect(Object.keys(configuration.locals.datasets as Body).sort()).toEqual([
      'logs',
      'mart',
      'raw',
      'stage',
    ]);
    expect(dataset).toMatchObject({
      location: '${var.location}',
      delete_contents_on_destroy: false,
      lifecycle: [{ prevent_destroy: true }],
    });
    expect(dataset.labels).toBeDefined();
    expect(only('google_storage_bucket').location).toBe(dataset.location);
  });
});

describe('repeated runs after a failure on Cloud Run', () => {
  it('Cloud Run does not restart a failed nightly job (max_retries 0)', () => {
    const execution = blockOf(blockOf(only('google_cloud_run_v2_job'), 'template'), 'template');
    expect(execution.max_retries).toBe(0);
  });

  it('Cloud Scheduler repeats a call of the service but never starts a second job execution', () => {
    const call = only('google_cloud_scheduler_job');
    expect(blockOf(call, 'retry_config').retry_count).toBe('${each.value.path == null ? 0 : 3}');
    expect(blockOf(call, 'http_target').uri).toMatch(/^\$\{each\.value\.path == null \? local\.job_url : /);
  });
});

describe('schedules in Terraform', () => {
  it('the default schedule is one nightly run in the Phoenix time zone', () => {
    expect(only('google_cloud_scheduler_job').time_zone).toBe('${var.time_zone}');
    expect(configuration.variables.time_zone?.default).toBe('America/Phoenix');
    expect(configuration.variables.schedule_mode?.default).toBe('nightly');
  });

  it('each default schedule starts exactly once on every day in every time zone', () => {
    const { schedules } = configuration.locals as { schedules: string };
    const { nightly_cron, six_schedules } = configuration.variables;
    const six = Object.values(six_schedules?.default as Record<string, { cron: string }>);
    const crons = [String(nightly_cron?.default), ...(schedules.match(/\d+ [\d,]+ \* \* \*/g) ?? [])];
    const times = [...crons, ...six.map(({ cron }) => cron)].flatMap((cron) => {
      const [, minute = '', hours = ''] = /^(\d+) ([\d,]+) \* \* \*$/.exec(cron) ?? [];
      return hours.split(',').map((hour) => `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`);
    });
    expect(times).toHaveLength(1 + 4 + 6);
    const changes = Intl.supportedValuesOf('timeZone').flatMap(clockChanges);
    expect(changes.length).toBeGreaterThan(100);
    const wrong = changes.flatMap(({ zone, day, times: shown }) =>
      times
        .filter((time) => shown.filter((one) => one === time).length !== 1)
        .map((time) => `${zone} ${day} ${time}`),
    );
    expect(wrong).toEqual([]);
    // The hours that were the defaults once.
    expect(changes.some(({ times: shown }) => !shown.includes('02:30'))).toBe(true);
  });

  it('the clocks of the zones that Terraform lets start at any hour never change', () => {
    const zones = configuration.locals.zones_without_clock_changes as readonly string[];
    expect(zones).toContain(configuration.variables.time_zone?.default);
    expect(zones.flatMap(clockChanges)).toEqual([]);
  });

  it('schedule mode six calls routes of known entities and builds the mart last', () => {
    const six = Object.values(
      configuration.variables.six_schedules?.default as Record<string, { cron: string; path: string }>,
    );
    expect(six).toHaveLength(6);
    const minutes = ({ cron }: { cron: string }) => {
      const [, minute, hour] = /^(\d+) (\d+) \* \* \*$/.exec(cron) ?? [];
      return Number(hour) * 60 + Number(minute);
    };
    const inOrder = six.toSorted((a, b) => minutes(a) - minutes(b)).map(({ path }) => path);
    expect(inOrder.at(-1)).toBe('/nightly');
    const known = new Set(entities.map(({ name }) => `/ingest/${name}`));
    expect(inOrder.slice(0, -1).filter((path) => !known.has(path))).toEqual([]);
  });
});

describe('calls of the Cloud Run service', () => {
  it("Prefer: wait is shorter than the Scheduler's deadline, which is shorter than Cloud Run's timeout", () => {
    const call = only('google_cloud_scheduler_job');
    const target = blockOf(call, 'http_target');
    const held = Number(/Prefer = "wait=(\d+)"/.exec(String(target.headers))?.[1]);
    const waits = Number(/: "(\d+)s"/.exec(String(call.attempt_deadline))?.[1]);
    const template = blockOf(only('google_cloud_run_v2_service'), 'template');
    const lives = Number(/^(\d+)s$/.exec(String(template.timeout))?.[1]);
    expect(held).toBeGreaterThan(0);
    expect(held).toBeLessThan(waits);
    // Google's limit for the target of a schedule.
    expect(waits).toBeLessThanOrEqual(1800);
    expect(waits).toBeLessThan(lives);
  });

  it('the Cloud Run service has one instance whose CPU stays on after the answer', () => {
    const template = blockOf(only('google_cloud_run_v2_service'), 'template');
    expect(blockOf(template, 'scaling').max_instance_count).toBe(1);
    expect(blockOf(blockOf(template, 'containers'), 'resources').cpu_idle).toBe(false);
  });

  it('the health probes use /health, the only route without a token', () => {
    const text = JSON.stringify(only('google_cloud_run_v2_service'));
    const probed = [...text.matchAll(/"http_get":\[\{"path":"([^"]+)"/g)].map(([, path]) => path);
    expect(probed).toEqual(['/health', '/health']);
  });
});

describe('settings in Terraform', () => {
  it('every setting in Terraform is a variable that the program reads', () => {
    const { settings } = configuration.locals as { settings: string };
    const names = [...settings.matchAll(/^\s+([A-Z_]+)\s+=/gm)].map(([, name]) => name);
    const config = readFileSync(join(PROJECT, 'extract/config.ts'), 'utf8');
    expect(names.length).toBeGreaterThan(6);
    expect(names.filter((name) => !config.includes(`'${name}'`))).toEqual([]);
    const service = [...JSON.stringify(only('google_cloud_run_v2_service')).matchAll(/SERVE_[A-Z_]+/g)];
    const read = readFileSync(join(PROJECT, 'app/serve/config.ts'), 'utf8');
    expect(service.length).toBeGreaterThan(1);
    expect(service.filter(([name]) => !read.includes(`'${name}'`))).toEqual([]);
  });
});

describe('alerts in Terraform', () => {
  it('each alert names a section of the runbook', () => {
    const runbook = readFileSync(join(PROJECT, 'docs/runbook.md'), 'utf8');
    const alerts = resourcesOf(configuration, 'google_monitoring_alert_policy');
    expect(alerts.map(({ name }) => name).sort()).toEqual([
      'cost',
      'freshness',
      'red_assertion',
      'run_failed',
      'run_missing',
    ]);
    for (const { body } of alerts) {
      const [, section] =
        /^docs\/runbook\.md, section (.+)\.$/.exec(String(blockOf(body, 'documentation').content)) ?? [];
      expect(runbook).toContain(`\n### ${section}\n`);
      expect(body.notification_channels).toEqual(['${google_monitoring_notification_channel.email.id}']);
    }
  });

  it('the alerts for missing runs treat silence as missing and outlast the day on which the clocks go back', () => {
    for (const name of ['run_missing', 'freshness']) {
      const alert = resourcesOf(configuration, 'google_monitoring_alert_policy').find(
        (one) => one.name === name,
      );
      const condition = blockOf(blockOf(alert?.body ?? {}, 'conditions'), 'condition_threshold');
      expect(condition.evaluation_missing_data).toBe('EVALUATION_MISSING_DATA_ACTIVE');
      expect(condition.duration).toBe('${local.margin}');
      expect(blockOf(condition, 'aggregations').alignment_period).toBe('${local.day_and_an_hour}');
    }
    const seconds = (name: string) => Number(/^(\d+)s$/.exec(String(configuration.locals[name]))?.[1]);
    expect(seconds('day_and_an_hour')).toBe(90_000);
    // Google lets an alert look back 25 hours, which is the longest day. A night may also end later than the one before.
    expect(seconds('day_and_an_hour') + seconds('margin')).toBeGreaterThan((25 + 1) * 3600);
  });
});

describe('the Cloud Monitoring dashboard', () => {
  it('the dashboard is valid JSON without overlapping tiles, and its metrics exist', () => {
    const template = readFileSync(join(TERRAFORM, 'dashboard.json.tftpl'), 'utf8');
    const text = template.replaceAll(/(?<!\$)\$\{name\}/g, 'kpis').replaceAll('$${', '${');
    const { mosaicLayout } = JSON.parse(text) as { mosaicLayout: { tiles: readonly Body[] } };
    const corners = mosaicLayout.tiles.map(({ xPos, yPos }) => `${xPos} ${yPos}`);
    expect(new Set(corners).size).toBe(corners.length);
    const { counters, distributions } = configuration.locals as Record<string, string | Body>;
    const known = JSON.stringify([counters, distributions]);
    const used = [...text.matchAll(/user\/kpis\/(\w+)/g)].map(([, name]) => name);
    expect(used.length).toBeGreaterThan(5);
    expect(used.filter((name) => !known.includes(String(name)))).toEqual([]);
  });
});

/** The days of 2027 on which a zone's clocks change, with every quarter of an hour that they show. */
function clockChanges(zone: string) {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  const start = Date.UTC(2026, 11, 31);
  const shows = (hours: number) => format.format(start + hours * 3_600_000);
  const days = Array.from({ length: 366 }, (_, index) => index);
  return days
    .filter((day) => shows(24 * day).slice(11) !== shows(24 * day + 24).slice(11))
    .flatMap((day) => {
      const seen = Array.from({ length: 4 * 72 }, (_, quarter) => shows(24 * (day - 1) + quarter / 4));
      const around = [...new Set(seen.map((text) => text.slice(0, 10)))].slice(1, -1);
      return around.map((date) => ({
        ...{ zone, day: date },
        times: seen.filter((text) => text.startsWith(date)).map((text) => text.slice(11)),
      }));
    });
}
