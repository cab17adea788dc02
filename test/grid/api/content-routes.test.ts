import { once } from 'node:events';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import t from 'tap';
import type { Cid } from '../../../src/fabric/index.ts';
import { serveFake } from '../api-fixture.ts';
import { send } from '../http-fixture.ts';

const json = { 'content-type': 'application/json' };

t.test('content goes there and back, from memory and from a stream', async (t) => {
  const { client } = await serveFake(t.teardown);
  const bytes = new Uint8Array([1, 2, 3, 255]);
  const { cid } = await client.putContent(bytes);
  t.same(new Uint8Array(await buffer(await client.getContent(cid))), bytes);
  const streamed = await client.putContent(Readable.from([Buffer.from([1, 2]), Buffer.from([3, 255])]));
  t.equal(streamed.cid, cid, 'equal bytes, equal address');
  await t.rejects(client.getContent('bafkaaaaaaaaaaaaaaaaaaaaaaaaaaaa' as Cid), { code: /UNKNOWN/ });
});

t.test('bodies are bounded, also while they stream', async (t) => {
  const { options } = await serveFake(t.teardown);
  const large = { socketPath: options.socket, method: 'POST', path: '/v1/pause', headers: json };
  const refused = await send(large, JSON.stringify({ reason: 'x'.repeat(600_000) }));
  t.equal(refused.status, 413);
  t.match(refused.body, /GRID_API_BODY_TOO_LARGE/);
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
