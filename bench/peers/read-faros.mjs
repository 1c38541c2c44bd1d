// An Airbyte source on faros-airbyte-cdk. Its runner writes the messages to standard output as JSON lines.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [modules, url, tenant, folder] = process.argv.slice(2);
const cdk = createRequire(join(modules, 'package.json'))('faros-airbyte-cdk');
const { AirbyteSourceBase, AirbyteSourceLogger, AirbyteSourceRunner, AirbyteSpec, AirbyteStreamBase } = cdk;
const HEADERS = { Authorization: 'Bearer bench', 'ST-App-Key': 'bench' };
let rows = 0;

class Jobs extends AirbyteStreamBase {
  get name() {
    return 'jobs';
  }
  get primaryKey() {
    return 'id';
  }
  getJsonSchema() {
    return { type: 'object', properties: {}, additionalProperties: true };
  }
  async *readRecords() {
    let from = '';
    for (;;) {
      const address = `${url}/jpm/v2/tenant/${tenant}/export/jobs?from=${from}`;
      const answer = await (await fetch(address, { headers: HEADERS })).json();
      rows += answer.data.length;
      yield* answer.data;
      if (!answer.hasMore) return;
      from = answer.continueFrom;
    }
  }
}

class Source extends AirbyteSourceBase {
  get type() {
    return 'bench';
  }
  async spec() {
    return new AirbyteSpec({ connectionSpecification: { type: 'object', properties: {} } });
  }
  async checkConnection() {
    return [true, undefined];
  }
  streams() {
    return [new Jobs(this.logger)];
  }
}

function written(name, value) {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(value));
  return path;
}

const catalog = {
  streams: [
    {
      stream: { name: 'jobs', json_schema: {}, supported_sync_modes: ['full_refresh'] },
      sync_mode: 'full_refresh',
      destination_sync_mode: 'append',
    },
  ],
};
const logger = new AirbyteSourceLogger('ERROR');
const command = new AirbyteSourceRunner(logger, new Source(logger)).mainCommand();
const started = performance.now();
const cpu = process.cpuUsage();
await command.parseAsync([
  'node',
  'main',
  'read',
  '--config',
  written('config.json', {}),
  '--catalog',
  written('catalog.json', catalog),
]);
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage(cpu);
const sample = {
  rows,
  seconds,
  cpuSeconds: (user + system) / 1e6,
  peakRssBytes: process.resourceUsage().maxRSS * 1024,
};
process.stderr.write(`\n${JSON.stringify(sample)}\n`);
