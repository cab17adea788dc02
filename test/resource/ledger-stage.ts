/**
 * A ledger on a real chain behind a node that can fail, with a journal that survives its process, and a
 * record of what the ledger says of itself, on which tests wait.
 */

import t, { type Test } from 'tap';
import { type Inspection, memoryJournal, systemClock } from '../../src/actors/index.ts';
import type { HotSigner } from '../../src/connectivity/index.ts';
import type { IntentId, IntentOutcome, Ledger, LedgerCall } from '../../src/resource/ledger.ts';
import { type EvmLedgerOptions, openEvmLedger } from '../../src/resource/ledger-evm.ts';
import { CHAIN_ID, sharedChain, type TestChain } from './anvil.ts';
import { requester, signerOf, stranger } from './deal-papers.ts';
import { honest, type RpcProxy, type Rule, startProxy } from './rpc-proxy.ts';

export const TOKENS = 1_000n;
/** Whoever gets the tokens that the tests pay. */
export const payee = signerOf(77);
/** Guards against what never happens; nobody waits for it otherwise. */
const PATIENCE_MS = 25_000;

const takeChain = sharedChain(t, [requester, stranger], TOKENS);

export const pay = (amount: bigint): LedgerCall => ({ type: 'transfer', to: payee.account, amount });

export class LedgerStage {
  readonly chain: TestChain;
  proxy: RpcProxy;
  journal = memoryJournal();
  ledger!: Ledger;
  readonly #options: Partial<EvmLedgerOptions>;
  readonly #heard: Inspection[] = [];
  readonly #ears = new Set<() => void>();

  private constructor(chain: TestChain, proxy: RpcProxy, options: Partial<EvmLedgerOptions>) {
    this.chain = chain;
    this.proxy = proxy;
    this.#options = options;
  }

  /** Three confirmations, nothing undone below eight blocks, and blocks only on command. */
  static async set(t: Test, options: Partial<EvmLedgerOptions> = {}, rule = honest): Promise<LedgerStage> {
    const chain = await takeChain();
    const stage = new LedgerStage(chain, await startProxy(chain.url), options);
    t.teardown(() => stage.#close());
    await chain.rpc('evm_setAutomine', false);
    stage.proxy.rule = rule;
    await stage.open();
    return stage;
  }

  async open(options: Partial<EvmLedgerOptions> = {}): Promise<void> {
    const signers: readonly HotSigner[] = [requester, stranger];
    this.ledger = await openEvmLedger({
      rpc: [this.proxy.url],
      chainId: CHAIN_ID,
      contracts: this.chain.contracts,
      confirmations: 3,
      finality: 8,
      journal: this.journal,
      signers,
      clock: systemClock(),
      pollMs: 10,
      inspect: (event) => this.#hear(event),
      ...this.#options,
      ...options,
    });
  }

  /** The same node, begun anew in good order, with other options. */
  async reopen(options: Partial<EvmLedgerOptions> = {}): Promise<void> {
    await this.ledger.close();
    this.#heard.length = 0;
    await this.open(options);
  }

  /** The process is gone, with all that was not durable; the next one has a line of its own. */
  async crash(rule: Rule = honest): Promise<void> {
    const dead = this.proxy;
    dead.mode = 'cut';
    this.journal = this.journal.crash();
    // What a dead process was writing is never written: nobody waits for it.
    void this.ledger.close();
    await dead.stop();
    this.proxy = await startProxy(this.chain.url);
    this.proxy.rule = rule;
    this.#heard.length = 0;
    await this.open();
  }

  async intend(id: string, call: LedgerCall, from: HotSigner = requester): Promise<void> {
    await this.ledger.intend({ id: id as IntentId, from: from.account, call });
  }

  outcome(id: string): Promise<IntentOutcome> {
    return this.ledger.outcome(id as IntentId, AbortSignal.timeout(PATIENCE_MS));
  }

  /** The next inspection of this topic, or one that was not waited for yet; those before it are passed by. */
  async heard(topic: string): Promise<Inspection> {
    const patience = AbortSignal.timeout(PATIENCE_MS);
    for (;;) {
      const place = this.#heard.findIndex((event) => event.topic === topic);
      if (place !== -1) return this.#heard.splice(0, place + 1).at(-1)!;
      if (patience.aborted) throw new TypeError(`never heard of ${topic}: ${this.#topics()}`);
      await new Promise<void>((resolve) => {
        const ear = () => {
          this.#ears.delete(ear);
          resolve();
        };
        this.#ears.add(ear);
        patience.addEventListener('abort', ear, { once: true });
      });
    }
  }

  has(topic: string): boolean {
    return this.#heard.some((event) => event.topic === topic);
  }

  /** Resolves when a node was asked this once more, and has answered. */
  async asked(method: string, times = 1): Promise<void> {
    const { ears } = this.proxy;
    const { promise, resolve } = Promise.withResolvers<void>();
    let left = times;
    const ear = (asked: string) => {
      if (asked === method) left -= 1;
      if (left > 0) return;
      ears.delete(ear);
      resolve();
    };
    ears.add(ear);
    await promise;
  }

  /** A block comes after each look, until there is an outcome. */
  async brought(id: string): Promise<IntentOutcome> {
    let outcome: IntentOutcome | undefined;
    const coming = this.outcome(id).then((found) => {
      outcome = found;
    });
    while (outcome === undefined) {
      await this.chain.mine(1);
      await Promise.race([coming, this.asked('eth_chainId')]);
    }
    return outcome;
  }

  /** Transactions of an account that the chain has. */
  async count(account = requester.account): Promise<number> {
    return Number(await this.chain.rpc('eth_getTransactionCount', account, 'latest'));
  }

  #topics(): string {
    const newest = this.#heard.slice(-20);
    return newest.map(({ topic, details }) => `${topic} ${JSON.stringify(details)}`).join('\n');
  }

  #hear(event: Inspection): void {
    this.#heard.push(event);
    for (const ear of [...this.#ears]) ear();
  }

  async #close(): Promise<void> {
    await this.ledger.close();
    await this.proxy.stop();
  }
}
