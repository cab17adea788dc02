import t from 'tap';
import { type MemoryJournal, memoryJournal } from '../../src/actors/index.ts';
import { marketAbi } from '../../src/resource/contract-abi.ts';
import type { LedgerNews } from '../../src/resource/ledger.ts';
import { NewsFeed } from '../../src/resource/ledger-news.ts';
import { signerOf, word } from './deal-papers.ts';
import { hex, type ScriptedEndpoint, scriptedEndpoint, sightOf } from './scripted-endpoint.ts';

const at = (seed: number) => signerOf(seed).account;
const contracts = { GridToken: at(50), ProviderRegistry: at(51), JobMarket: at(52), ResultAnchor: at(53) };
const policy = { confirmations: 2, finality: 2_500, feeCap: 1n };

/** Refunds in blocks; the same one may be paid by another transaction after a rewriting. */
class NewsChain {
  readonly blocks: { hash: string; refunds: readonly number[] }[] = [];
  readonly endpoint: ScriptedEndpoint = scriptedEndpoint((method, params) => this.answer(method, params));
  #branch = 0;

  constructor(blocks: number) {
    this.grow(...Array.from({ length: blocks }, () => []));
  }

  grow(...blocks: readonly (readonly number[])[]): void {
    for (const refunds of blocks) {
      this.blocks.push({ hash: word(this.#branch * 100_000 + this.blocks.length), refunds });
    }
  }

  /** The last blocks are these now. */
  rewrite(depth: number, ...blocks: readonly (readonly number[])[]): void {
    this.#branch += 1;
    this.blocks.splice(-depth);
    this.grow(...blocks);
  }

  answer(method: string, [asked]: readonly unknown[]): unknown {
    return method === 'eth_getLogs' ? this.#logs(asked as Filter) : this.#block(Number(asked));
  }

  get sight() {
    return sightOf(this.endpoint, this.blocks.length - 1);
  }

  #block(number: number): unknown {
    const found = this.blocks[number];
    return found === undefined ? null : { number: hex(number), hash: found.hash, timestamp: '0x1' };
  }

  #logs({ address, fromBlock, toBlock }: Filter): unknown {
    const found: unknown[] = [];
    for (let block = Number(fromBlock); block <= Number(toBlock); block += 1) {
      for (const [place, refund] of this.blocks[block]!.refunds.entries()) {
        const { topics, data } = marketAbi.encodeEventLog('DealClosed', [word(1), at(1), refund]);
        const where = {
          blockNumber: hex(block),
          transactionHash: word(this.#branch * 100_000 + refund),
          logIndex: hex(place),
        };
        found.push({ ...where, address: address[0]!.toLowerCase(), topics, data });
      }
    }
    return found.reverse();
  }
}

interface Filter {
  readonly address: readonly string[];
  readonly fromBlock: string;
  readonly toBlock: string;
}

/** A feed with one listener, and the refunds of which it was told. */
function follow(journal: MemoryJournal, hear: (refund: number) => void = () => {}) {
  const topics: string[] = [];
  const inspect = ({ topic }: { topic: string }) => topics.push(topic);
  const closed = new AbortController().signal;
  const feed = new NewsFeed({ contracts, policy, journal, prefix: 'news/', inspect, closed });
  const told: number[] = [];
  const end = feed.follow((news: LedgerNews) => {
    if (news.type !== 'dealClosed') return;
    told.push(Number(news.refund));
    hear(Number(news.refund));
  });
  return { feed, told, topics, end };
}

t.test('from now on, in the chain’s order, what is confirmed', async (t) => {
  const chain = new NewsChain(5);
  const { feed, told, end } = follow(memoryJournal());
  chain.grow([1]);
  await feed.advance(chain.sight);
  chain.grow([2, 3], [4], [5]);
  await feed.advance(chain.sight);
  t.same(told, [1, 2, 3, 4], 'the newest block is not confirmed, and what came before is past');
  end();
  chain.grow([6], []);
  await feed.advance(chain.sight);
  t.same(told, [1, 2, 3, 4]);
});

t.test('who follows before intending is told what comes of it, however soon', async (t) => {
  const chain = new NewsChain(5);
  const journal = memoryJournal();
  const { feed, end } = follow(journal);
  end();
  await feed.advance(chain.sight);
  chain.grow([1], []);
  const told: LedgerNews[] = [];
  feed.follow((news) => told.push(news));
  await feed.advance(chain.sight);
  t.equal(told.length, 1);
});

t.test('who comes back is told what happened meanwhile, once', async (t) => {
  const chain = new NewsChain(5);
  const journal = memoryJournal();
  const before = follow(journal);
  await before.feed.advance(chain.sight);
  chain.grow([1], []);
  await before.feed.advance(chain.sight);
  const gap = Array.from({ length: 10_000 }, (_, place) => (place % 1_000 === 7 ? [place] : []));
  chain.grow(...gap, [2], []);
  const after = follow(journal.crash());
  await after.feed.advance(chain.sight);
  t.equal(after.told.length, 8, 'a long absence is read in pieces');
  await after.feed.advance(chain.sight);
  t.equal(after.told.length, 11);
  t.same([...before.told, ...after.told.slice(-1)], [1, 2]);
  const ranges = chain.endpoint.asked.flat().filter(({ method }) => method === 'eth_getLogs');
  t.equal(ranges.length, 12);
});

t.test('a crash after the telling tells again, and never loses any', async (t) => {
  const chain = new NewsChain(5);
  const journal = memoryJournal();
  const { promise, resolve } = Promise.withResolvers<MemoryJournal>();
  const before = follow(journal, (refund) => {
    if (refund === 2) resolve(journal.crash());
  });
  await before.feed.advance(chain.sight);
  chain.grow([1], []);
  await before.feed.advance(chain.sight);
  chain.grow([2], []);
  void before.feed.advance(chain.sight);
  const after = follow(await promise);
  await after.feed.advance(chain.sight);
  t.same([before.told, after.told], [[1, 2], [2]]);
});

t.test('a rewritten chain: what is new is told, what was told is not, and people hear of it', async (t) => {
  const chain = new NewsChain(5);
  const journal = memoryJournal();
  const { feed, told, topics } = follow(journal);
  await feed.advance(chain.sight);
  for (const refund of [1, 2, 3]) {
    chain.grow([refund], []);
    await feed.advance(chain.sight);
  }
  // The second and third come in one block now, after one that is new; a stranger's is gone.
  chain.rewrite(5, [], [4], [3, 2], [5], []);
  await feed.advance(chain.sight);
  t.same(told, [1, 2, 3, 4, 5]);
  t.same(topics, ['ledger.rewritten']);
  chain.rewrite(3, [2, 3], [5], [6], []);
  const after = follow(journal.crash());
  await after.feed.advance(chain.sight);
  t.same(after.told, [6], 'and what was told is known to the next process');
});

t.test('what is said twice is told twice, and no more often than the chain ever said it', async (t) => {
  const chain = new NewsChain(5);
  const { feed, told } = follow(memoryJournal());
  await feed.advance(chain.sight);
  chain.grow([1, 1], []);
  await feed.advance(chain.sight);
  t.same(told, [1, 1]);
  chain.rewrite(2, [], [1], []);
  await feed.advance(chain.sight);
  chain.grow([1], []);
  await feed.advance(chain.sight);
  t.same(told, [1, 1], 'both have come true again, one after the other');
  chain.grow([1], []);
  await feed.advance(chain.sight);
  t.same(told, [1, 1, 1]);
});

t.test('an answer that is none changes nothing: it is read again', async (t) => {
  const chain = new NewsChain(5);
  const { feed, told } = follow(memoryJournal());
  await feed.advance(chain.sight);
  chain.grow([1], []);
  const failed = { code: 'RESOURCE_ENDPOINT_FAILED' };
  const wrong: readonly ((log: Record<string, unknown>) => Record<string, unknown>)[] = [
    (log) => ({ ...log, address: at(1).toLowerCase() }),
    (log) => ({ ...log, blockNumber: '0xff' }),
    (log) => ({ ...log, data: '0x01' }),
  ];
  for (const change of wrong) {
    const lying = scriptedEndpoint((method, params) => {
      const answer = chain.answer(method, params);
      return method === 'eth_getLogs' ? (answer as Record<string, unknown>[]).map(change) : answer;
    });
    await t.rejects(feed.advance({ ...chain.sight, endpoint: lying }), failed);
  }
  t.same(told, []);
  await feed.advance(chain.sight);
  t.same(told, [1]);
});
