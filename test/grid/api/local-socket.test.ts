import { once } from 'node:events';
import { stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { startApi } from '../../../src/grid/api/server.ts';
import { serveFake, temporaryFolder } from '../api-fixture.ts';
import { send } from '../http-fixture.ts';

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
  const listen = `require('net').createServer().listen(${JSON.stringify(socket)}`;
  const script = `${listen}, () => process.kill(process.pid, 9))`;
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
