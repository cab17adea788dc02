import t from 'tap';
import {
  askBlockHash,
  askBlockTime,
  askCode,
  askCount,
  askLatest,
  askLogs,
  askOne,
  askReceipt,
  askTip,
  headOf,
} from '../../src/resource/chain-wire.ts';
import { requester, word } from './deal-papers.ts';
import { hex, Refusal, scriptedEndpoint } from './scripted-endpoint.ts';

const forever = new AbortController().signal;
const failed = { code: 'RESOURCE_ENDPOINT_FAILED' };
const saying = (result: unknown) => scriptedEndpoint(() => result);

t.test('a receipt is of the transaction that was asked for, or there is none', async (t) => {
  const receipt = {
    transactionHash: word(1),
    blockNumber: hex(7),
    blockHash: word(2),
    status: '0x1',
    gasUsed: hex(50_000),
    logs: [],
  };
  const ask = (result: unknown) => askOne(saying(result), askReceipt(word(1)), forever);
  const mined = { hash: word(1), block: 7, blockHash: word(2), succeeded: true, gasUsed: 50_000n };
  t.same(await ask(receipt), mined);
  t.match(await ask({ ...receipt, status: '0x0' }), { succeeded: false });
  t.equal(await ask(null), null);
  await t.rejects(ask({ ...receipt, transactionHash: word(3) }), failed);
  await t.rejects(ask({ ...receipt, blockNumber: '0xffffffffffffffff' }), failed, 'too high to be a number');
});

t.test('a refusal, and an answer of another form, are faults of the node', async (t) => {
  const refused = saying(new Refusal({ message: 'header not found' }));
  await t.rejects(askOne(refused, askCode(requester.account), forever), { ...failed, message: /header not/ });
  for (const result of [undefined, null, 7, '', '0x', '0xzz', {}]) {
    await t.rejects(askOne(saying(result), askCount(requester.account, 'latest'), forever), failed);
  }
  await t.rejects(askOne(saying([{ address: '0x1' }]), askLogs([requester.account], 1, 2), forever), failed);
});

t.test('a head is what a block and the node say; a chain without a fee market has no base fee', async (t) => {
  const block = { number: hex(7), hash: word(2), timestamp: hex(1_800_000_000), baseFeePerGas: hex(9) };
  const read = askLatest.schema.parse(block);
  const head = { number: 7, hash: word(2), timeMs: 1_800_000_000_000 };
  t.same(headOf(read, { result: hex(3) }), { ...head, fee: { baseFee: 9n, tip: 3n } });
  const { baseFeePerGas: _, ...old } = block;
  const none = headOf(askLatest.schema.parse(old), { refusal: { code: -1, message: 'no', data: undefined } });
  t.same(none, { ...head, fee: { baseFee: 0n, tip: 1_000_000_000n } }, 'a node without an opinion on tips');
  t.same([askTip.method, askTip.params], ['eth_maxPriorityFeePerGas', []]);
});

t.test('blocks are named by number or by tag; one that is not there has no hash', async (t) => {
  const endpoint = saying(null);
  t.equal(await askOne(endpoint, askBlockHash(255), forever), undefined);
  t.same(endpoint.asked[0]![0]!.params, ['0xff', false]);
  t.same(askCount(requester.account, 'pending').params, [requester.account, 'pending']);
  t.same(askLogs([], 1, 16).params, [{ address: [], fromBlock: '0x1', toBlock: '0x10' }]);
  t.match(askLogs([], 1, 16, ['0xa', null]).params, [{ topics: ['0xa', null] }]);
  t.equal(await askOne(endpoint, askBlockTime(255), forever), undefined);
});
