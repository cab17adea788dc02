import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { simulatedClock, systemClock } from '../../src/actors/index.ts';
import { type Question, rpcEndpoint } from '../../src/resource/json-rpc.ts';

type Asked = Question & { readonly id: number };

/** What the node does with a batch. */
let answer: (questions: readonly Asked[], response: ServerResponse) => void = () => {};
const server = createServer(async (request, response) => answer(JSON.parse(await text(request)), response));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
t.teardown(() => {
  server.closeAllConnections();
  server.close();
});

const endpoint = rpcEndpoint(`${origin}/v3/secret?key=secret`, systemClock());
const forever = new AbortController().signal;
const questions = (count: number): Question[] =>
  Array.from({ length: count }, (_, place) => ({ method: 'echo', params: [place] }));
const failed = { code: 'RESOURCE_ENDPOINT_FAILED' };

t.test('answers come in the order of the questions, in requests that nodes take', async (t) => {
  const sizes: number[] = [];
  answer = (asked, response) => {
    sizes.push(asked.length);
    const answers = asked.map(({ id, params }) => ({ jsonrpc: '2.0', id, result: params[0] }));
    response.end(JSON.stringify(answers.reverse()));
  };
  const answers = await endpoint.ask(questions(150), forever);
  t.same(
    answers.map(({ result }) => result),
    [...questions(150).keys()],
  );
  t.same(sizes, [100, 50]);
  t.same(await endpoint.ask([], forever), []);
});

t.test('a refusal comes with what a contract reverted with, however deep that is', async (t) => {
  const said = { code: 3, message: 'execution reverted' };
  const data = [undefined, '0xAB01', { data: '0xab01' }, { originalError: {} }, 'no hex'];
  answer = (asked, response) =>
    response.end(JSON.stringify(asked.map(({ id }) => ({ id, error: { ...said, data: data[id] } }))));
  const answers = await endpoint.ask(questions(data.length), forever);
  t.same(
    answers.map(({ refusal }) => refusal),
    [undefined, '0xAB01', '0xab01', undefined, undefined].map((data) => ({ ...said, data })),
  );
});

t.test('whatever else it says is a fault that names it, without its secrets', async (t) => {
  const cases: readonly [string, typeof answer][] = [
    ['a page', (_, response) => response.end('<html>down for maintenance</html>')],
    ['no batch', (_, response) => response.end('{"jsonrpc":"2.0","error":{"code":1,"message":"no"}}')],
    ['too few', (_, response) => response.end('[]')],
    ['HTTP status 429', (_, response) => response.writeHead(429).end('[]')],
    ['cut off', (_, response) => response.destroy()],
    ['without an end', (_, response) => flood(response)],
  ];
  for (const [name, does] of cases) {
    answer = does;
    const asking = endpoint.ask(questions(1), forever);
    await t.rejects(asking, { ...failed, retry: true, details: { endpoint: origin } }, name);
    await t.rejects(asking, { message: /^((?!secret).)*$/ });
  }
});

/** More than any answer has. */
function flood(response: ServerResponse): void {
  const chunk = Buffer.alloc(1 << 20, ' ');
  let left = 64;
  const more = (): void => {
    while (left-- > 0) if (!response.write(chunk)) return void response.once('drain', more);
  };
  response.on('error', () => {});
  more();
}

t.test('one that hangs is given up after a time', async (t) => {
  const clock = simulatedClock(0);
  answer = () => clock.advance(15_000);
  const slow = rpcEndpoint(origin, clock);
  await t.rejects(slow.ask(questions(1), forever), { ...failed, message: /no answer in 15000 ms/ });
});

t.test('whoever stops asking hears their own reason', async (t) => {
  const stop = new AbortController();
  const reason = new TypeError('enough');
  answer = () => stop.abort(reason);
  await t.rejects(endpoint.ask(questions(1), stop.signal), reason);
});
