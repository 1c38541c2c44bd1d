import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Block, ProviderSchema } from './schema.ts';

/**
 * Writes google.json: the arguments of each resource type that deploy/terraform uses, read from the npm package
 * @cdktf/provider-google, which is generated from the provider's own schema. The provider itself is a binary that no
 * package registry carries.
 *
 *   npm pack @cdktf/provider-google@16.12.1 && tar xzf cdktf-provider-google-16.12.1.tgz
 *   npx tsx tests/deploy/provider/derive.ts package
 */
const RESOURCES = [
  'artifact-registry-repository',
  'bigquery-dataset',
  'bigquery-dataset-iam-member',
  'cloud-run-v2-job',
  'cloud-run-v2-job-iam-member',
  'cloud-run-v2-service',
  'cloud-scheduler-job',
  'logging-metric',
  'monitoring-alert-policy',
  'monitoring-dashboard',
  'monitoring-notification-channel',
  'project-iam-member',
  'project-service',
  'secret-manager-secret',
  'secret-manager-secret-iam-member',
  'service-account',
  'service-account-iam-member',
  'storage-bucket',
  'storage-bucket-iam-member',
];

function derive(packageFolder: string): ProviderSchema {
  const resources = RESOURCES.map((folder) => {
    const read = (file: string) => readFileSync(join(packageFolder, 'lib', folder, file), 'utf8');
    const code = read('index.js');
    const types = read('index.d.ts');
    const name = /tfResourceType = "(\w+)"/.exec(code)?.[1] ?? '';
    const root = blockOf({ code, types }, 'synthesizeHclAttributes() {', /interface \w+Config extends/);
    const computed = [
      ...code
        .slice(code.indexOf(' extends cdktf.TerraformResource'))
        .matchAll(/get(\w+)Attribute\('(\w+)'\)/g),
    ];
    for (const [, kind = '', attribute = ''] of computed) {
      if (root.attributes[attribute] || root.blocks[attribute]) continue;
      root.attributes[attribute] = { type: COMPUTED[kind] ?? 'dynamic', use: 'computed' };
    }
    return [name, root] as const;
  });
  const version = /providers\/hashicorp\/google\/([\d.]+)\//.exec(
    readFileSync(join(packageFolder, 'lib/storage-bucket/index.d.ts'), 'utf8'),
  )?.[1];
  return { provider: 'hashicorp/google', version: version ?? '', resources: Object.fromEntries(resources) };
}

const COMPUTED: Readonly<Record<string, string>> = {
  String: 'string',
  Number: 'number',
  Boolean: 'bool',
  List: 'list(string)',
  StringMap: 'map(string)',
};

const SIMPLE: Readonly<Record<string, string>> = {
  string: 'string',
  number: 'number',
  boolean: 'bool',
  stringList: 'list(string)',
  numberList: 'list(number)',
  stringMap: 'map(string)',
};

/** The arguments that a generated function writes; its TypeScript interface says which are optional. */
function blockOf(source: { code: string; types: string }, start: string, opening: RegExp): Block {
  const at = source.code.indexOf(start);
  if (at < 0) throw new Error(`The package has no ${start}`);
  const body = source.code.slice(at, source.code.indexOf('// remove undefined attributes', at));
  const from = source.types.search(opening);
  const members = source.types.slice(from, source.types.indexOf('\n}', from));
  const block: Block = { attributes: {}, blocks: {} };
  const entry =
    /(\w+): \{\s+value: ([^\n]+),\s+isBlock: (true|false),\s+type: "(\w+)",\s+storageClassType: "(\w+)"/g;
  for (const [, name = '', value = '', isBlock, nesting = '', storage = ''] of body.matchAll(entry)) {
    const member = /(?:this\._|struct\.)(\w+)/.exec(value)?.[1] ?? '';
    const isRequired = new RegExp(`readonly ${member}:`).test(members);
    if (isBlock === 'false') {
      const type = nesting === 'set' ? 'set(string)' : (SIMPLE[storage] ?? 'dynamic');
      block.attributes[name] = { type, use: isRequired ? 'required' : 'optional' };
      continue;
    }
    const writer = /(\w+)ToHclTerraform/.exec(value)?.[1] ?? '';
    const nested = `${writer[0]?.toUpperCase()}${writer.slice(1)}`;
    block.blocks[name] = {
      nesting: nesting === 'struct' ? 'single' : nesting === 'set' ? 'set' : 'list',
      isRequired,
      block: blockOf(source, `function ${writer}ToHclTerraform(`, new RegExp(`interface ${nested} \\{`)),
    };
  }
  return block;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , folder = 'package'] = process.argv;
  writeFileSync(new URL('google.json', import.meta.url), `${JSON.stringify(derive(folder))}\n`);
}
