import t from 'tap';
import type { RawTransaction } from '../../src/connectivity/index.ts';
import type { Flight, Lane } from '../../src/resource/intent-machine.ts';
import { lookAtLane } from '../../src/resource/lane-look.ts';
import { requester, word } from './deal-papers.ts';
import { hex, scriptedEndpoint, sightOf } from './scripted-endpoint.ts';

const HEAD = 100;
const forever = new AbortController().signal;

/** The transaction with nonce n was mined in block n, in a branch that had `branch` in its hashes. */
const blockHash = (block: number, branch: number): string => word(block * 1_000 + branch);

function flight(nonce: number, isMined: boolean): Flight {
  const hash = word(nonce);
  const mined = { hash, block: nonce, blockHash: blockHash(nonce, 0), succeeded: true, gasUsed: 1n };
  const attempts = [{ hash, fee: { maxFee: 1n, tip: 1n } }];
  const air = { intent: null, nonce, gas: 1n, attempts, raw: '0x02' as RawTransaction, signedAt: 0 };
  return { ...air, mined: isMined ? mined : null, outcome: null };
}

/** All but the last `sent` of 50 are mined; blocks from `rewritten` on are others now. */
function look(sent: number, rewritten: number) {
  const flights = Array.from({ length: 50 }, (_, nonce) => flight(nonce, nonce < 50 - sent));
  const lane: Lane = { account: requester.account, waiting: [], flights, nonceFloor: 50 };
  const endpoint = scriptedEndpoint((method, [asked]) => {
    if (method === 'eth_getTransactionCount') return hex(50 - sent);
    const nonce = Number(asked);
    if (nonce >= 50 - sent) return null;
    const branch = nonce >= rewritten ? 1 : 0;
    const of = { transactionHash: word(nonce), blockNumber: hex(nonce), blockHash: blockHash(nonce, branch) };
    return { ...of, status: '0x1', gasUsed: '0x1' };
  });
  return { endpoint, seeing: lookAtLane(lane, sightOf(endpoint, HEAD), forever) };
}

t.test('a quiet chain costs one question, however many wait for their confirmations', async (t) => {
  const { endpoint, seeing } = look(0, HEAD);
  const { count, receipts, absent } = await seeing;
  t.same([count, receipts.size, absent.size], [50, 1, 0]);
  t.equal(endpoint.asked.length, 1);
});

t.test('what is in the air is always asked for', async (t) => {
  const { absent, receipts } = await look(3, HEAD).seeing;
  t.same([...absent], [word(49), word(48), word(47)]);
  t.equal(receipts.size, 1, 'and the newest that is mined');
});

t.test('where the chain was rewritten, all that moved is found, in few rounds', async (t) => {
  const { endpoint, seeing } = look(0, 20);
  const { receipts } = await seeing;
  for (let nonce = 20; nonce < 50; nonce += 1) {
    t.equal(receipts.get(word(nonce))?.blockHash, blockHash(nonce, 1));
  }
  t.equal(receipts.get(word(19))?.blockHash, blockHash(19, 0), 'and one that did not');
  t.equal(endpoint.asked.length, 5, '1, 2, 6, 18, and what is left');
  t.equal((await look(0, 0).seeing).receipts.size, 50, 'or all of them');
});

t.test('a look is whole, or it is none', async (t) => {
  const lane: Lane = { account: requester.account, waiting: [], flights: [flight(1, true)], nonceFloor: 2 };
  const babbling = scriptedEndpoint(() => 'what?');
  await t.rejects(lookAtLane(lane, sightOf(babbling, HEAD), forever), { code: 'RESOURCE_ENDPOINT_FAILED' });
});
