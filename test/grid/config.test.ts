import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { configPaths, loadConfig } from '../../src/grid/config.ts';
import { temporaryFolder } from './api-fixture.ts';

const host = { hostname: 'lab-7', homeFolder: '/home/ada', processors: 8, memoryBytes: 4 * 2 ** 30 };

async function homeWith(teardown: (end: () => unknown) => void, yaml: string): Promise<string> {
  const home = await temporaryFolder(teardown);
  await writeFile(join(home, 'config.yaml'), yaml);
  return home;
}

t.test('nothing given, everything is complete', async (t) => {
  const home = await temporaryFolder(t.teardown);
  const { config, sources, warnings } = await loadConfig({ home, env: {}, host });
  t.equal(config.name, 'lab-7');
  t.equal(config.provider.slots, 4, 'half of 4 GiB holds four tasks of 512 MiB, fewer than processors');
  t.equal(config.api.socket, join(home, 'run', 'api.sock'));
  t.equal(config.api.tokenFile, join(home, 'api-token'));
  t.ok([...sources.values()].every((source) => source === 'default'));
  t.same(warnings, []);
});

t.test('flags come before environment, before file, before defaults', async (t) => {
  const home = await homeWith(t.teardown, 'name: file\nlog: { level: warn }\nprovider: { slots: 3 }\n');
  const env = { CONUN_NAME: 'env', CONUN_LOG_LEVEL: 'error' };
  const { config, sources } = await loadConfig({ home, env, host, flags: { name: 'flag' } });
  t.equal(config.name, 'flag');
  t.equal(config.log.level, 'error');
  t.equal(config.provider.slots, 3);
  t.equal(config.log.format, 'json');
  t.match(Object.fromEntries(sources), {
    name: 'flag',
    'log.level': 'environment',
    'provider.slots': 'file',
    'log.format': 'default',
  });
});

t.test('texts are read as their member wants them', async (t) => {
  const home = await temporaryFolder(t.teardown);
  const { config } = await loadConfig({
    home,
    host,
    env: {
      CONUN_ROLES: 'provider',
      CONUN_NETWORK_LISTEN: '/ip4/10.0.0.7/tcp/4400, /ip6/::1/tcp/0',
      CONUN_NETWORK_BOOTSTRAP: '',
      CONUN_NETWORK_MDNS: 'false',
      CONUN_PROVIDER_GOVERNOR: '{"onlyWhenIdle":true}',
      CONUN_NAME: '42',
      CONUN_API_TCP_PORT: 'null',
    },
    flags: { 'provider.storageQuota': '1 GiB' },
  });
  t.same(config.roles, ['provider']);
  t.same(config.network.listen, ['/ip4/10.0.0.7/tcp/4400', '/ip6/::1/tcp/0']);
  t.same(config.network.bootstrap, []);
  t.equal(config.network.mdns, false);
  t.same(config.provider.governor, { onlyWhenIdle: true });
  t.equal(config.name, '42');
  t.equal(config.api.tcpPort, null);
  t.equal(config.provider.storageQuota, 2 ** 30);
});

t.test('each error names the source and the member', async (t) => {
  const home = await homeWith(t.teardown, 'log: { level: loud }\n');
  const file = join(home, 'config.yaml');
  const refused = (env: Record<string, string>, flags: Record<string, string> = {}) =>
    loadConfig({ home, env, host, flags });
  await t.rejects(refused({}), {
    code: 'GRID_CONFIG_INVALID',
    details: { source: file, member: 'log.level' },
  });
  await t.rejects(refused({ CONUN_LOG_LEVEL: 'x', CONUN_PROVIDER_SLOTS: 'many' }), {
    code: 'GRID_CONFIG_INVALID',
    details: { source: 'CONUN_PROVIDER_SLOTS', member: 'provider.slots' },
    message: /; CONUN_LOG_LEVEL: log\.level/,
  });
  await t.rejects(refused({}, { 'log.level': 'info', 'network.listen': 'tcp' }), {
    code: 'GRID_CONFIG_INVALID',
    details: { source: '--set network.listen', member: 'network.listen.0' },
  });
  await t.rejects(refused({}, { 'no.such': '1' }), {
    code: 'GRID_CONFIG_INVALID',
    details: { source: '--set no.such', reason: 'there is no such member' },
  });
});

t.test('a member that does not exist is found, at any depth', async (t) => {
  const home = await homeWith(t.teardown, 'netwrok: {}\nlog: { colour: true }\n');
  await t.rejects(loadConfig({ home, env: {}, host }), {
    code: 'GRID_CONFIG_INVALID',
    message: /netwrok.*no such member|log\.colour.*no such member/,
  });
});

t.test('a file that is no table, or no YAML, or no file, is told apart', async (t) => {
  const list = await homeWith(t.teardown, '- 1\n');
  await t.rejects(loadConfig({ home: list, env: { CONUN_NAME: 'x' }, host }), {
    code: 'GRID_CONFIG_INVALID',
    details: { member: 'the whole file' },
  });
  const broken = await homeWith(t.teardown, 'a: [\n');
  await t.rejects(loadConfig({ home: broken, env: {}, host }), { code: 'GRID_CONFIG_UNREADABLE' });
  const folder = await temporaryFolder(t.teardown);
  await mkdir(join(folder, 'config.yaml'));
  await t.rejects(loadConfig({ home: folder, env: {}, host }), { code: 'GRID_CONFIG_UNREADABLE' });
});

t.test('folders follow XDG, and one home overrides them all', async (t) => {
  const xdg = { XDG_CONFIG_HOME: '/c', XDG_DATA_HOME: '/d', XDG_RUNTIME_DIR: '/r' };
  t.match(configPaths(undefined, xdg, host), {
    config: '/c/conun',
    data: '/d/conun',
    runtime: '/r/conun',
    file: '/c/conun/config.yaml',
    home: '/d/conun',
  });
  t.match(configPaths(undefined, {}, host), {
    config: '/home/ada/.config/conun',
    data: '/home/ada/.local/share/conun',
    runtime: '/home/ada/.local/share/conun/run',
  });
  t.match(configPaths(undefined, { ...xdg, CONUN_HOME: '/h' }, host), { data: '/h/data', runtime: '/h/run' });
  t.equal(configPaths('/flag', { CONUN_HOME: '/h' }, host).home, '/flag');
});

t.test('nothing can be changed afterwards', async (t) => {
  const home = await temporaryFolder(t.teardown);
  const { config } = await loadConfig({ home, env: { CONUN_PROVIDER_POLICY: '{"a":{"b":[1]}}' }, host });
  const policy = config.provider.policy as { a: { b: number[] } };
  t.throws(() => policy.a.b.push(2), TypeError);
  t.throws(() => Object.assign(config.log, { level: 'debug' }), TypeError);
});

t.test('a variable that looks like ours and is not, is told', async (t) => {
  const home = await temporaryFolder(t.teardown);
  const env = { CONUN_LOGLEVEL: 'debug', CONUN_DEBUG: '1', PATH: '/bin' };
  const { warnings } = await loadConfig({ home, env, host });
  t.match(warnings, [/CONUN_LOGLEVEL/]);
  t.equal(warnings.length, 1);
});

t.test('whatever a variable holds, the answer is a configuration or a fault that names it', async (t) => {
  const home = await temporaryFolder(t.teardown);
  await fc.assert(
    fc.asyncProperty(fc.string(), fc.jsonValue(), async (text, json) => {
      const env = { CONUN_PROVIDER_POLICY: JSON.stringify(json), CONUN_NETWORK_LISTEN: text };
      try {
        await loadConfig({ home, env, host });
      } catch (error) {
        if ((error as { code?: string }).code !== 'GRID_CONFIG_INVALID') throw error;
      }
    }),
    { numRuns: 200 },
  );
});
