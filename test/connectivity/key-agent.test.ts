import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { once } from 'node:events';
import t, { type Test } from 'tap';
import { simulatedClock } from '../../src/actors/index.ts';
import { startKeyAgent } from '../../src/connectivity/key-agent.ts';
import { keyAgent, keyOfHex } from '../../src/connectivity/index.ts';

const one = keyOfHex('1'.padStart(64, '0'));
const two = keyOfHex('2'.padStart(64, '0'));

async function running(t: Test) {
  // Socket paths are short, and test folders are not.
  const folder = await mkdtemp(join(tmpdir(), 'conun-agent-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const clock = simulatedClock(0);
  const socket = join(folder, 'run', 'wallet.sock');
  const agent = await startKeyAgent({ socket, clock });
  t.teardown(() => agent.close());
  return { agent, clock, socket };
}

t.test('it is there for this user alone, and only once', async (t) => {
  const { socket, clock, agent } = await running(t);
  t.equal((await stat(socket)).mode & 0o777, 0o600);
  await t.rejects(startKeyAgent({ socket, clock }), { code: 'CONNECTIVITY_AGENT_FAILED' });
  agent.close();
  await agent.ended;
  await t.rejects(stat(socket), { code: 'ENOENT' });
  await writeFile(socket, 'somebody’s file');
  await t.rejects(startKeyAgent({ socket, clock }), { code: 'CONNECTIVITY_AGENT_FAILED' });
});

t.test('a key is forgotten when its time is over, and without a key the agent ends', async (t) => {
  const { socket, clock, agent } = await running(t);
  const client = keyAgent(socket);
  await client.unlock(one, 1_000);
  await client.unlock(two, 2_000);
  t.same(await client.accounts(), [one.account, two.account]);
  clock.advance(900);
  await client.unlock(one, 1_000);
  clock.advance(999);
  t.same(await client.accounts(), [one.account, two.account], 'unlocked anew, it stays longer');
  clock.advance(1);
  t.same(await client.accounts(), [two.account]);
  await t.rejects(client.signer(one.account).signTransaction('0x02' as never), {
    code: 'CONNECTIVITY_ACCOUNT_LOCKED',
  });
  clock.advance(1_000);
  await agent.ended;
  t.same(await client.accounts(), []);
});

t.test('without a first key it ends as well', async (t) => {
  const { clock, agent } = await running(t);
  clock.advance(30_000);
  await agent.ended;
});

t.test('whatever it is told, it answers without repeating it', async (t) => {
  const { socket } = await running(t);
  await keyAgent(socket).unlock(one, 60_000);
  const { privateKey } = two.reveal();
  const texts = [
    '',
    'no JSON',
    JSON.stringify({ type: 'reveal', account: one.account }),
    JSON.stringify({ type: 'add', privateKey, forMs: -1 }),
    JSON.stringify({ type: 'signTransaction', account: one.account, unsigned: '0x' }),
    'x'.repeat(300_000),
  ];
  for (const said of texts) {
    const call = request({ socketPath: socket, method: 'POST', path: '/' });
    call.end(said);
    const [response] = await once(call, 'response');
    const answer = await text(response);
    t.match(answer, /"type":"invalid"/);
    t.notMatch(answer, privateKey.slice(2));
  }
  t.same(await keyAgent(socket).accounts(), [one.account], 'and it goes on');
});
