import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import t from 'tap';
import { apiClient } from '../../../src/grid/api/client.ts';
import { serveFake, temporaryFolder } from '../api-fixture.ts';

t.test('a refused connection says how to start a daemon', async (t) => {
  const home = await temporaryFolder(t.teardown);
  const client = apiClient(join(home, 'none.sock'));
  await t.rejects(client.node(), { code: 'GRID_DAEMON_UNREACHABLE', todo: /conun daemon/, retry: true });
});

t.test('a daemon that goes away ends the stream with a fault', async (t) => {
  const { client, server, node } = await serveFake(t.teardown);
  node.emit({ topic: 'hello' });
  const reading = (async () => {
    for await (const _ of client.followInspection(new AbortController().signal)) await server.close();
  })();
  await t.rejects(reading, { code: 'GRID_API_INTERRUPTED' });
});

t.test('an answer that is no JSON, or no fault, is a fault of its own', async (t) => {
  const home = await temporaryFolder(t.teardown);
  const socket = join(home, 'api.sock');
  const other = createServer((request, response) => {
    response.statusCode = request.url === '/v1/node' ? 200 : 500;
    response.end(request.url === '/v1/node' ? '<html>' : '{}');
  });
  other.listen(socket);
  await once(other, 'listening');
  t.teardown(() => other.close());
  await t.rejects(apiClient(socket).node(), { code: 'GRID_API_ANSWER_INVALID' });
  await t.rejects(apiClient(socket).tasks(), { code: 'GRID_API_ANSWER_INVALID' });
});
