/**
 * Confirmed news of the market, from the chain's logs, in the chain's order.
 *
 * Read in bounded ranges up to the confirmed block, from where it was when the ledger was first opened, or
 * where reading had come to: so what an intent leads to is told to whoever follows before intending it.
 * Each range read leaves a **mark**: its last block with its hash, and what was told in it. When a mark's
 * block is another one now, the chain was rewritten deeper than the confirmations: reading goes back to the
 * newest mark that still holds. What was told after it and comes true again is not told again, be it in
 * another block, or by another transaction, as one that is offered more for. What is gone for good cannot be
 * untold; whoever acts on news looks at the ledger, which says what is.
 *
 * A mark is written after its news were told: a crash in between tells them once more, and never loses any.
 */

import { z } from 'zod';
import { decode, digestOf, encode, type Inspector, type Journal } from '../actors/index.ts';
import type { ChainSight } from './chain-endpoints.ts';
import { askBlockHash, askLogs, askOne, type ChainLog, readAnswer } from './chain-wire.ts';
import { type EvmContracts, newsOf } from './contract-calls.ts';
import { resourceErrors } from './errors.ts';
import type { ChainHash } from './intent-machine.ts';
import type { LanePolicy } from './intent-watch.ts';
import type { RpcEndpoint } from './json-rpc.ts';
import type { LedgerNews } from './ledger.ts';

export interface NewsOptions {
  readonly contracts: EvmContracts;
  readonly policy: LanePolicy;
  readonly journal: Journal;
  /** Of its rows. */
  readonly prefix: string;
  readonly inspect: Inspector;
  readonly closed: AbortSignal;
}

/** Blocks of one question: what public nodes answer without complaint. */
const RANGE_BLOCKS = 1_000;
/** Ranges of one turn, so that a long absence does not hold up what is in the air. */
const RANGES_MAX = 8;
/** Digits of a block's number in a key, so that keys are in the order of blocks. */
const BLOCK_DIGITS = 16;

interface Mark {
  readonly block: number;
  readonly hash: ChainHash;
  /** What the logs said that were read since the mark before; the same may be there twice. */
  readonly told: readonly string[];
  /** Told of blocks after this one that are gone, and not come true again. */
  readonly undone: readonly string[];
}

const markSchema = z.strictObject({
  block: z.int().min(0),
  hash: z.string(),
  told: z.array(z.string()),
  undone: z.array(z.string()),
});

export class NewsFeed {
  readonly #options: NewsOptions;
  readonly #listeners = new Set<(news: LedgerNews) => void>();
  /** Oldest first; there is one at least once reading has begun. */
  #marks: Mark[] | undefined;

  constructor(options: NewsOptions) {
    this.#options = options;
  }

  follow(listener: (news: LedgerNews) => void): () => void {
    const told = (news: LedgerNews) => listener(news);
    this.#listeners.add(told);
    return () => this.#listeners.delete(told);
  }

  /** Reads on. Rejects where the endpoint or the journal fails; then it is tried again from the same mark. */
  async advance({ endpoint, head }: ChainSight): Promise<void> {
    const { policy, closed } = this.#options;
    const confirmed = head.number - policy.confirmations + 1;
    if (confirmed < 0) return;
    this.#marks ??= await this.#load();
    if (this.#marks.length === 0) {
      const hash = await askOne(endpoint, askBlockHash(confirmed), closed);
      if (hash !== undefined) await this.#mark({ block: confirmed, hash, told: [], undone: [] }, []);
      return;
    }
    if (this.#listeners.size === 0) return;
    await this.#goBack({ endpoint, head });
    for (let range = 0; range < RANGES_MAX; range += 1) {
      const from = this.#marks.at(-1)!.block + 1;
      if (from > confirmed) return;
      await this.#read({ endpoint, head }, from, Math.min(confirmed, from + RANGE_BLOCKS - 1));
    }
  }

  /** To the newest mark that holds; what was told since then stays known. */
  async #goBack({ endpoint, head }: ChainSight): Promise<void> {
    const { closed, inspect } = this.#options;
    const marks = this.#marks!;
    let newest = marks.length - 1;
    // A node that has not got the block yet says nothing about it.
    while (newest > 0 && marks[newest]!.block <= head.number) {
      const hash = await askOne(endpoint, askBlockHash(marks[newest]!.block), closed);
      if (hash === marks[newest]!.hash) break;
      newest -= 1;
    }
    if (newest === marks.length - 1) return;
    const gone = marks.slice(newest + 1);
    inspect({ topic: 'ledger.rewritten', level: 'error', details: { block: gone[0]!.block } });
    const undone = [...gone.at(-1)!.undone, ...gone.flatMap(({ told }) => told)];
    const held = marks[newest]!;
    this.#marks = marks.slice(0, newest);
    await this.#mark({ ...held, undone }, gone);
  }

  async #read({ endpoint }: ChainSight, from: number, to: number): Promise<void> {
    const { contracts, closed } = this.#options;
    const logsAsked = askLogs([contracts.JobMarket], from, to);
    const hashAsked = askBlockHash(to);
    const answers = await endpoint.ask([logsAsked, hashAsked], closed);
    const logs = readAnswer(logsAsked, answers[0]!, endpoint);
    const hash = readAnswer(hashAsked, answers[1]!, endpoint);
    const isOurs = ({ address, blockNumber }: ChainLog) =>
      address === contracts.JobMarket.toLowerCase() && blockNumber >= from && blockNumber <= to;
    if (hash === undefined || !logs.every(isOurs)) {
      const reason = 'eth_getLogs: logs that were not asked for, or a block that is missing';
      throw resourceErrors.RESOURCE_ENDPOINT_FAILED({ endpoint: endpoint.name, reason });
    }
    const undone = [...this.#marks!.at(-1)!.undone];
    const found = inOrder(logs).map((log) => ({ saying: sayingOf(log), news: newsIn(log, endpoint) }));
    for (const { saying, news } of found) {
      const place = undone.indexOf(saying);
      if (place === -1) this.#tell(news);
      else undone.splice(place, 1);
    }
    const told = found.map(({ saying }) => saying);
    await this.#mark({ block: to, hash, told, undone }, []);
  }

  #tell(news: LedgerNews | undefined): void {
    if (news === undefined || this.#options.closed.aborted) return;
    for (const listener of [...this.#listeners]) listener(news);
  }

  /** Marks deeper than anything is undone are forgotten, but for the newest. */
  async #mark(mark: Mark, gone: readonly Mark[]): Promise<void> {
    const { policy, journal, closed } = this.#options;
    closed.throwIfAborted();
    const held = [...(this.#marks ?? []), mark];
    const kept = held.filter(({ block }) => block >= mark.block - policy.finality);
    const old = held.filter(({ block }) => block < mark.block - policy.finality);
    const deletes = [...gone, ...old].map(({ block }) => this.#key(block));
    await journal.commit({ puts: [{ key: this.#key(mark.block), value: encode(mark) }], deletes });
    this.#marks = kept;
  }

  async #load(): Promise<Mark[]> {
    const marks: Mark[] = [];
    for await (const { value } of this.#options.journal.scan(this.#options.prefix)) {
      marks.push(markSchema.parse(decode(value)));
    }
    return marks;
  }

  #key(block: number): string {
    return `${this.#options.prefix}${String(block).padStart(BLOCK_DIGITS, '0')}`;
  }
}

function newsIn(log: ChainLog, endpoint: RpcEndpoint): LedgerNews | undefined {
  try {
    return newsOf(log);
  } catch (thrown) {
    const reason = 'eth_getLogs: a log that is of another form than its event';
    throw resourceErrors.RESOURCE_ENDPOINT_FAILED({ endpoint: endpoint.name, reason }, thrown);
  }
}

function inOrder(logs: readonly ChainLog[]): readonly ChainLog[] {
  return [...logs].sort(
    (left, right) => left.blockNumber - right.blockNumber || left.logIndex - right.logIndex,
  );
}

/** 64 bits: among the thousands that are known at a time, two alike have a chance of one in a billion. */
const SAYING_DIGITS = 16;

/** A log is known again by what it says, and not by where it stands. */
function sayingOf({ topics, data }: ChainLog): string {
  return digestOf([topics, data]).slice(0, SAYING_DIGITS);
}
