import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { systemClock } from '../../src/actors/index.ts';
import { PluginSession } from '../../src/application/plugin-session.ts';
import { openable, pluginSource } from './fixtures.ts';

/** What `body` returns or throws, as a plugin says it. */
async function found(body: string): Promise<string> {
  const members = `async share() { throw new Error(await (async () => { ${body} })()); }`;
  const session = await PluginSession.open(openable(members), systemClock());
  try {
    await session.share();
    return 'nothing';
  } catch (fault) {
    return (fault as Error).message.replace(/^.* failed in share: /, '');
  } finally {
    await session.close();
  }
}

t.test('a plugin cannot import anything', async (t) => {
  for (const name of [
    'node:fs',
    'fs',
    'node:net',
    'node:child_process',
    'node:worker_threads',
    '/etc/passwd',
    './x.js',
  ]) {
    const said = await found(
      `return import(${JSON.stringify(name)}).then(() => 'imported', (error) => error.message)`,
    );
    t.equal(said, `a plugin cannot import "${name}"`);
  }
  const plugin = new TextEncoder().encode(`import net from 'node:net'; export default net;`);
  await t.rejects(PluginSession.open({ ...openable(''), plugin }, systemClock()), {
    code: 'APPLICATION_PLUGIN_FAILED',
    message: /a plugin cannot import "node:net"/,
  });
});

t.test('nothing that reaches the process or the network is left', async (t) => {
  const names = [
    'process',
    'require',
    'module',
    'global',
    'Buffer',
    'fetch',
    'WebSocket',
    'EventSource',
    'Worker',
  ];
  const said = await found(`return ${JSON.stringify(names)}.filter((name) => name in globalThis).join()`);
  t.equal(said, '');
  t.match(
    await found(`return (() => {}).constructor('return 1')()`),
    /Code generation from strings disallowed/,
  );
  t.match(await found(`return eval('1')`), /Code generation from strings disallowed/);
});

t.test('no connection comes out of a plugin, whatever it tries', async (t) => {
  let connections = 0;
  const server = createServer(() => connections++).listen(0, '127.0.0.1');
  const { port } = await new Promise<{ port: number }>((resolve) =>
    server.once('listening', () => resolve(server.address() as { port: number })),
  );
  const ways = [
    `await fetch('http://127.0.0.1:${port}')`,
    `new WebSocket('ws://127.0.0.1:${port}')`,
    `await import('http://127.0.0.1:${port}/x.js')`,
    `await import('data:text/javascript,import "node:net"')`,
    `process.getBuiltinModule('net').connect(${port})`,
    `await (async function () {}).constructor('return import("node:net")')()`,
    `Error.prepareStackTrace = (_, sites) => sites.find((site) => site.getThis()?.process)?.getThis();
     new Error().stack.process.getBuiltinModule('net').connect(${port})`,
  ];
  for (const way of ways) t.not(await found(`${way}; return 'went through'`), 'went through', way);
  t.equal(connections, 0);
  server.close();
});

t.test('time and chance stand still', async (t) => {
  const look = 'return [Date.now(), new Date().toISOString(), new Date(5).getTime(), Math.random()].join()';
  const [one, other] = [await found(look), await found(look)];
  t.match(one, /^86400000,1970-01-02T00:00:00\.000Z,5,0\.\d+$/);
  t.equal(one, other);
});

t.test('a plugin may print and wait', async (t) => {
  t.equal(
    await found(`console.log('to nobody'); await new Promise((go) => setTimeout(go, 1)); return 'waited'`),
    'waited',
  );
});

const skip = process.platform === 'linux' ? false : 'it reads /proc';

t.test('a plugin that loops for ever does not outlive a parent that is killed', { skip }, async (t) => {
  const session = fileURLToPath(new URL('../../src/application/plugin-session.ts', import.meta.url));
  const actors = fileURLToPath(new URL('../../src/actors/index.ts', import.meta.url));
  const endless = Buffer.from(pluginSource('parameters() { for (;;); }')).toString('base64');
  const parent = `
    import { readdirSync, readFileSync } from 'node:fs';
    import { PluginSession } from ${JSON.stringify(session)};
    import { systemClock } from ${JSON.stringify(actors)};
    const plugin = Buffer.from('${endless}', 'base64');
    PluginSession.open({ app: 'x@1.0.0', plugin, parameters: {}, inputs: [], now: 0 }, systemClock());
    console.log(readFileSync('/proc/self/task/' + process.pid + '/children', 'utf8').trim());
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', parent], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = (await firstLine(child.stdout).next()).value;
  const orphan = Number(line);
  t.ok(isAlive(orphan));
  child.kill('SIGKILL');
  while (isAlive(orphan)) await new Promise((resolve) => setImmediate(resolve));
  t.notOk(isAlive(orphan));
});

async function* firstLine(stream: NodeJS.ReadableStream): AsyncGenerator<string, string> {
  for await (const line of createInterface({ input: stream })) {
    yield line;
  }
  return '';
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
