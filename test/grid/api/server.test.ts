import { once } from 'node:events';
import { stat, writeFile } from 'node:fs/promises';
import { type OutgoingHttpHeaders, type RequestOptions, request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { startApi } from '../../../src/grid/api/server.ts';
import { serveFake, temporaryFolder } from '../api-fixture.ts';
import { BATCH, batchView, unitResult } from '../fake-node.ts';

interface Answer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string;
}

async function send(options: RequestOptions, body: string | Buffer = ''): Promise<Answer> {
  const outgoing = request({ ...options, agent: false });
  // A refused body breaks off while it is sent; the answer is what counts.
  outgoing.on('error', () => undefined);
  outgoing.end(body);
  const [answer] = await once(outgoing, 'response');
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
}

const json = { 'content-type': 'application/json' };

t.test('only the owner of the machine can open the socket', async (t) => {
  const { options } = await serveFake(t.teardown);
  t.equal((await stat(options.socket)).mode & 0o777, 0o600);
  t.equal((await stat(join(options.socket, '..'))).mode & 0o777, 0o700);
});

t.test('what a dead daemon left is removed, a living one is told apart', async (t) => {
  const first = await serveFake(t.teardown);
  await t.rejects(startApi(first.options), { code: 'GRID_DAEMON_RUNNING' });
  await first.server.close();
  const second = await startApi(first.options);
  t.equal((await first.client.node()).name, 'fake');
  await second.close();
  await t.rejects(first.client.node(), { code: 'GRID_DAEMON_UNREACHABLE' });
});

t.test('a stale socket file is taken over', async (t) => {
  const home = await temporaryFolder(t.teardown);
  const socket = join(home, 'api.sock');
  const script = `require('net').createServer().listen(${JSON.stringify(socket)}, () => process.kill(process.pid, 9))`;
  const { spawn } = await import('node:child_process');
  await once(spawn(process.execPath, ['-e', script]), 'exit');
  t.ok((await stat(socket)).isSocket(), 'the killed process left it');
  const { client } = await serveFake(t.teardown, () => ({ socket }));
  t.equal((await client.node()).name, 'fake');
});

t.test('a socket path that the system cannot hold is refused with its length', async (t) => {
  const socket = `/tmp/${'x'.repeat(200)}/api.sock`;
  await t.rejects(
    serveFake(t.teardown, () => ({ socket })),
    {
      code: 'GRID_SOCKET_PATH_TOO_LONG',
      details: { length: socket.length },
    },
  );
});

t.test('over TCP nothing is served without the token', async (t) => {
  const token = 'a-token-of-at-least-thirty-two-characters';
  const { server } = await serveFake(t.teardown, async (home) => {
    const tokenFile = join(home, 'token');
    await writeFile(tokenFile, `${token}\n`, { mode: 0o600 });
    return { tcpPort: 0, tokenFile };
  });
  const at = { host: '127.0.0.1', port: server.tcpPort, path: '/v1/node' };
  for (const authorization of [undefined, 'Bearer wrong', `Basic ${token}`, `Bearer ${token}x`]) {
    const refused = await send({ ...at, headers: authorization === undefined ? {} : { authorization } });
    t.equal(refused.status, 401, `refused: ${authorization}`);
    t.equal(JSON.parse(refused.body).code, 'GRID_API_UNAUTHORIZED');
  }
  const served = await send({ ...at, headers: { authorization: `Bearer ${token}` } });
  t.equal(served.status, 200);
  t.equal(JSON.parse(served.body).name, 'fake');
});

t.test('a token file that others may read, or that holds too little, is refused', async (t) => {
  const withToken = (content: string, mode: number) =>
    serveFake(t.teardown, async (home) => {
      const tokenFile = join(home, 'token');
      await writeFile(tokenFile, content, { mode });
      return { tcpPort: 0, tokenFile };
    });
  await t.rejects(withToken('x'.repeat(40), 0o644), { code: 'GRID_TOKEN_FILE_UNSAFE', message: /644/ });
  await t.rejects(withToken('short', 0o600), { code: 'GRID_TOKEN_FILE_UNSAFE', message: /5 characters/ });
  await t.rejects(
    serveFake(t.teardown, () => ({ tcpPort: 0 })),
    { code: 'GRID_TOKEN_FILE_UNSAFE' },
  );
});

t.test('a request that is not of its schema is refused with the member that is wrong', async (t) => {
  const { options, defects } = await serveFake(t.teardown);
  const at = { socketPath: options.socket, method: 'POST', headers: json };
  const cases: [path: string, body: string, says: RegExp][] = [
    ['/v1/batches', '{"file":3,"inputs":{}}', /body\.file/],
    ['/v1/batches', '{"file":"","inputs":{"mesh":"../x"}}', /body\.inputs\.mesh/],
    ['/v1/batches', '{"file":"","inputs":{},"more":1}', /more/],
    ['/v1/batches', '{"file":', /JSON/],
    ['/v1/pause', '{"reason":""}', /body\.reason/],
    [`/v1/batches/${'x'.repeat(65)}/cancel`, '{"reason":"r"}', /params\.batch/],
  ];
  for (const [path, body, says] of cases) {
    const answer = await send({ ...at, path }, body);
    t.equal(answer.status, 400, body);
    t.match(JSON.parse(answer.body), { code: 'GRID_API_REQUEST_INVALID', message: says });
  }
  const units = await send({ socketPath: options.socket, path: `/v1/batches/${BATCH}/units?limit=9999` });
  t.match(JSON.parse(units.body), { code: 'GRID_API_REQUEST_INVALID', message: /querystring\.limit/ });
  t.same(defects, []);
});

t.test('bodies are bounded, also while they stream', async (t) => {
  const { options } = await serveFake(t.teardown);
  const large = { socketPath: options.socket, method: 'POST', path: '/v1/pause', headers: json };
  const refused = await send(large, JSON.stringify({ reason: 'x'.repeat(600_000) }));
  t.equal(refused.status, 413);
  const announced = request({
    socketPath: options.socket,
    method: 'PUT',
    path: '/v1/content',
    headers: { 'content-type': 'application/octet-stream', 'content-length': 2 ** 40 },
  });
  announced.on('error', () => undefined);
  announced.flushHeaders();
  const [answer] = await once(announced, 'response');
  t.equal(answer.statusCode, 413, 'refused before a terabyte is sent');
  announced.destroy();
});

t.test('what is not there is not found, and a defect is reported to the log', async (t) => {
  const { options, node, defects } = await serveFake(t.teardown);
  const at = { socketPath: options.socket };
  const route = await send({ ...at, path: '/v1/nothing?q=1' });
  t.equal(route.status, 404);
  t.match(JSON.parse(route.body), { code: 'GRID_API_ROUTE_UNKNOWN', details: { path: '/v1/nothing' } });
  const batch = await send({ ...at, path: '/v1/batches/none' });
  t.equal(batch.status, 404);
  node.tasks = async () => Promise.reject(new TypeError('boom'));
  const defect = await send({ ...at, path: '/v1/tasks' });
  t.equal(defect.status, 500);
  t.notMatch(defect.body, /at .*\.ts/, 'no stack leaves the process');
  t.match(defects, [{ code: 'GRID_API_INTERNAL', message: /boom/ }]);
});

t.test('the description names every route, and its schemas are those that validate', async (t) => {
  const { options } = await serveFake(t.teardown);
  const answer = await send({ socketPath: options.socket, path: '/v1/openapi.json' });
  const description = JSON.parse(answer.body);
  t.match(description.openapi, /^3\./);
  t.same(Object.keys(description.paths).sort(), [
    '/v1/apps',
    '/v1/batches',
    '/v1/batches/{batch}',
    '/v1/batches/{batch}/cancel',
    '/v1/batches/{batch}/files/{*}',
    '/v1/batches/{batch}/units',
    '/v1/batches/{batch}/units/{unit}/explanation',
    '/v1/content',
    '/v1/content/{cid}',
    '/v1/credit',
    '/v1/events',
    '/v1/leases',
    '/v1/machine',
    '/v1/node',
    '/v1/pause',
    '/v1/peers',
    '/v1/providers',
    '/v1/resume',
    '/v1/shutdown',
    '/v1/tasks',
  ]);
  const body = description.paths['/v1/batches'].post.requestBody.content['application/json'].schema;
  t.same(body.required, ['file', 'inputs']);
  t.equal(body.additionalProperties, false);
});

t.test('shutdown is answered before it happens', async (t) => {
  let ask!: () => void;
  const asked = new Promise<void>((resolve) => {
    ask = resolve;
  });
  const { client } = await serveFake(t.teardown, () => ({ shutdown: ask }));
  await client.shutdown();
  await asked;
});

t.test('units come without their outputs unless asked for', async (t) => {
  const { client, node } = await serveFake(t.teardown);
  node.change(batchView());
  node.unitResults.push(unitResult(0), unitResult(1), unitResult(2));
  const [first] = await client.units(BATCH, { after: 0, limit: 1 });
  t.equal(first?.unit, 1);
  t.equal(first?.output, undefined);
  const [whole] = await client.units(BATCH, { outputs: true });
  t.same(whole?.output?.stdout, new Uint8Array([0, 255]), 'bytes survive JSON');
});

t.test('a port that is taken is refused and the socket is given back', async (t) => {
  const other = createServer();
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.teardown(() => other.close());
  const { port } = other.address() as { port: number };
  const home = await temporaryFolder(t.teardown);
  const tokenFile = join(home, 'token');
  await writeFile(tokenFile, 'x'.repeat(40), { mode: 0o600 });
  const taken = { socket: join(home, 'api.sock'), tcpPort: port, tokenFile };
  await t.rejects(
    serveFake(t.teardown, () => taken),
    { code: 'EADDRINUSE' },
  );
  const { client } = await serveFake(t.teardown, () => ({ ...taken, tcpPort: null }));
  t.equal((await client.node()).name, 'fake');
});
