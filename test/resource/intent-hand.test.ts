import { Transaction } from 'ethers';
import t from 'tap';
import type { RawTransaction } from '../../src/connectivity/index.ts';
import { errorAbi } from '../../src/resource/contract-abi.ts';
import { carryOut, type TransactionSigner } from '../../src/resource/intent-hand.ts';
import { type Flight, type Lane, type LaneEvent, newLane } from '../../src/resource/intent-machine.ts';
import type { LaneTask } from '../../src/resource/intent-watch.ts';
import type { IntentId } from '../../src/resource/ledger.ts';
import { requester, signerOf, stranger, word } from './deal-papers.ts';
import { hex, Refusal, type ScriptedEndpoint, scriptedEndpoint, sightOf } from './scripted-endpoint.ts';

const account = requester.account;
const at = (seed: number) => signerOf(seed).account;
const contracts = { GridToken: at(50), ProviderRegistry: at(51), JobMarket: at(52), ResultAnchor: at(53) };
const policy = { confirmations: 2, finality: 10, feeCap: 1_000_000n };
const id = 'one' as IntentId;
const call = { type: 'deposit', amount: 7n } as const;
const HEAD = 1_000;

function hand(
  task: LaneTask,
  endpoint: ScriptedEndpoint,
  lane: Lane = newLane(account),
  signer: TransactionSigner = requester,
): Promise<LaneEvent[]> {
  const closed = new AbortController().signal;
  const options = { chainId: 31_337n, contracts, signer, policy, closed };
  return carryOut(task, lane, sightOf(endpoint, HEAD), options);
}

function flightWith(change: Partial<Flight> = {}): Flight {
  const attempts = [{ hash: word(1), fee: { maxFee: 100n, tip: 1n } }];
  const air = { intent: { id, call }, nonce: 5, gas: 60_000n, attempts, raw: '0x02' as RawTransaction };
  return { ...air, signedAt: 0, mined: null, outcome: null, ...change };
}

const signedIn = ([event]: readonly LaneEvent[]): Transaction =>
  Transaction.from((event as Extract<LaneEvent, { type: 'signed' }>).raw);

t.test('preparing', async (t) => {
  const prepare = { type: 'prepare', id, call } as const;
  const counting = (latest: number, pending: number) =>
    scriptedEndpoint((method, params) => {
      if (method === 'eth_estimateGas') return hex(50_000);
      return hex(params[1] === 'latest' ? latest : pending);
    });

  await t.test('offers what is asked, for a fifth more gas than was reckoned', async (t) => {
    const found = await hand(prepare, counting(4, 4));
    const { from, to, nonce, gasLimit, maxFeePerGas, hash, chainId } = signedIn(found);
    t.same([from, to, chainId], [account, contracts.JobMarket, 31_337n]);
    t.same([nonce, gasLimit, maxFeePerGas], [4, 60_000n, 201n]);
    t.match(found, [{ type: 'signed', id, nonce: 4, block: HEAD, attempt: { hash } }]);
  });

  await t.test(
    'takes a nonce above all that wait, above all that were signed, and no absurd one',
    async (t) => {
      const nonceOf = async (latest: number, pending: number, nonceFloor: number) =>
        signedIn(await hand(prepare, counting(latest, pending), { ...newLane(account), nonceFloor })).nonce;
      t.equal(await nonceOf(4, 6, 0), 6);
      t.equal(await nonceOf(4, 6, 9), 9);
      t.equal(await nonceOf(4, 4_000, 0), 4, 'such a pool is none');
      t.equal(await nonceOf(4, 0, 0), 4, 'a node that knows no pool');
    },
  );

  await t.test('asks the contracts first: a no is as deep as a success before it is final', async (t) => {
    const data = errorAbi.encodeErrorResult('TooEarly', [5]);
    const refusing = scriptedEndpoint((method) =>
      method === 'eth_estimateGas' ? new Refusal({ data }) : '0x4',
    );
    const waiting = (block: number | undefined): Lane => {
      const rejection = block === undefined ? null : { error: 'TooEarly', block };
      return { ...newLane(account), waiting: [{ id, call, rejection }] };
    };
    const rejected = { type: 'rejected', id, error: 'TooEarly', block: HEAD };
    t.same(await hand(prepare, refusing, waiting(undefined)), [rejected]);
    t.same(await hand(prepare, refusing, waiting(HEAD)), [], 'said already, in this block');
    t.same(await hand(prepare, refusing, waiting(HEAD - 1)), [{ type: 'refused', id, error: 'TooEarly' }]);
  });

  await t.test('a node that has had enough is no refusal', async (t) => {
    const limited = scriptedEndpoint(() => new Refusal({ code: -32_005, message: 'limit exceeded' }));
    await t.rejects(hand(prepare, limited), { code: 'RESOURCE_ENDPOINT_FAILED' });
  });

  await t.test('what comes back from a signer is checked', async (t) => {
    const wrong: readonly TransactionSigner['signTransaction'][] = [
      (unsigned) => unsigned,
      (unsigned) => stranger.signTransaction(unsigned),
      (unsigned) => {
        const other = Transaction.from(unsigned);
        other.nonce += 1;
        return requester.signTransaction(other.unsignedSerialized as RawTransaction);
      },
      () => 'what?' as RawTransaction,
      () => Promise.reject(new TypeError('the cable is loose')),
    ];
    for (const signTransaction of wrong) {
      const signing = hand(prepare, counting(4, 4), newLane(account), { account, signTransaction });
      await t.rejects(signing, { code: 'RESOURCE_SIGNER_WRONG' });
    }
    const slow = { account, signTransaction: async (raw: RawTransaction) => requester.signTransaction(raw) };
    t.equal((await hand(prepare, counting(4, 4), newLane(account), slow)).length, 1);
  });
});

t.test('a replacement differs in nothing but its fee; a gap is filled with nothing', async (t) => {
  const silent = scriptedEndpoint(() => undefined);
  const fee = { maxFee: 300n, tip: 3n };
  const bumped = signedIn(await hand({ type: 'bump', flight: flightWith(), fee }, silent));
  t.same([bumped.nonce, bumped.gasLimit, bumped.maxFeePerGas], [5, 60_000n, 300n]);
  t.equal(bumped.to, contracts.JobMarket);
  const filled = signedIn(await hand({ type: 'fill', account, nonce: 3 }, silent));
  t.same([filled.nonce, filled.to, filled.value, filled.data], [3, account, 0n, '0x']);
  t.equal(silent.asked.length, 0, 'nobody is asked');
});

t.test('who took a nonce is seen in its block, once that is final', async (t) => {
  /** The account's nonce 5 was used in block `taken`, by that transaction. */
  const tracing = (taken: number, hash = word(9)) => {
    const node = scriptedEndpoint((method, [first, second]) => {
      if (method === 'eth_getTransactionCount') return hex(Number(second) >= taken ? 6 : 5);
      const transactions = [
        { hash: word(8), from: stranger.account, nonce: '0x5' },
        { hash, from: account, nonce: '0x5' },
      ];
      return Number(first) === taken ? { transactions } : { transactions: [] };
    });
    return { node, seeing: hand({ type: 'trace', flight: flightWith() }, node) };
  };
  for (const taken of [0, 1, 17, 640, 900, HEAD - 9]) {
    const { node, seeing } = tracing(taken);
    t.same(await seeing, [{ type: 'displaced', nonce: 5, by: word(9) }], `in block ${taken}`);
    t.ok(node.asked.length < 25, `${node.asked.length} questions`);
  }
  t.same(await tracing(HEAD - 8).seeing, [], 'one block too new');
  t.same(await tracing(700, word(1)).seeing, [], 'it was our own');
});

t.test('why a mined transaction failed is asked of the state after it, and before', async (t) => {
  const mined = { hash: word(1), block: 900, blockHash: word(2), succeeded: false, gasUsed: 40_000n };
  const data = errorAbi.encodeErrorResult('TooEarly', [5]);
  const explain = (failsAt: number | undefined, gasUsed = 40_000n) => {
    const node = scriptedEndpoint((_, [, block]) =>
      Number(block) === failsAt ? new Refusal({ data }) : '0x',
    );
    return hand({ type: 'explain', flight: flightWith(), mined: { ...mined, gasUsed } }, node);
  };
  const told = (error: string) => [{ type: 'confirmed', nonce: 5, outcome: { type: 'refused', error } }];
  t.same(await explain(900), told('TooEarly'));
  t.same(await explain(899), told('TooEarly'));
  t.same(await explain(undefined), told('Reverted'), 'a reason that came and went within a block');
  t.same(await explain(undefined, 60_000n), told('OutOfGas'));
  const limited = scriptedEndpoint(() => new Refusal({ code: -32_005, message: 'limit exceeded' }));
  const asking = hand({ type: 'explain', flight: flightWith(), mined }, limited);
  await t.rejects(asking, { code: 'RESOURCE_ENDPOINT_FAILED' });
});
