/**
 * Both sides of one deal, joined by streams that break, with processes that die: what the property tests walk
 * through. Disks take what a step wants written only when told to, and a crash loses the rest.
 */

import assert from 'node:assert/strict';
import type { TaskId } from '../../src/fabric/index.ts';
import { openBook, owedIn, payable } from '../../src/resource/account-book.ts';
import * as brokerSide from '../../src/resource/deal-at-broker.ts';
import { providerDealMachine, takenDeal, unpaidIn } from '../../src/resource/deal-at-provider.ts';
import type { ProviderDeal, ProviderDealEvent } from '../../src/resource/deal-at-provider.ts';
import { deal } from './deal-papers.ts';

export const UNPAID_MAX = 1_000n;
const TARIFF = 10n ** 12n;
const VOUCHER_MS = 1_000;

interface Bundle {
  readonly number: number;
  readonly tasks: readonly TaskId[];
  readonly operations: bigint;
}

type Word = { readonly acknowledge: number } | { readonly paid: brokerSide.DueVoucher };

export class DealModel {
  now = 0;
  provider: ProviderDeal;
  broker: brokerSide.BrokerDeal;
  chain = 0n;
  connected = true;
  toBroker: Bundle[] = [];
  toProvider: Word[] = [];
  /** What the provider's disk has. */
  disk: { book: ProviderDeal['book']; vouchered: bigint; kept: Bundle[]; number: number };
  sealing: { readonly bundle: Bundle; readonly book: ProviderDeal['book'] }[] = [];
  readonly running = new Map<TaskId, bigint>();
  readonly waiting = new Map<TaskId, bigint>();
  readonly refused: TaskId[] = [];
  readonly left: string[] = [];
  reasons: (string | undefined)[] = [];
  /** Worth of all that was ever durable at the provider. */
  done = 0n;
  number = 0;
  #named = 0;

  constructor() {
    const book = openBook(TARIFF, 0n);
    this.disk = { book, vouchered: 0n, kept: [], number: 0 };
    this.provider = this.#taken();
    const counted = { book, allocated: 0n, counted: 0, committed: 0 };
    this.broker = brokerSide.heldDeal(counted, { unpaidMax: UNPAID_MAX, voucherMs: VOUCHER_MS });
    this.check();
  }

  check(): void {
    this.step({ type: 'checked', allocated: this.chain });
  }

  allocate(amount: bigint): void {
    this.chain += amount;
    this.broker = { ...this.broker, allocated: this.chain };
    this.check();
  }

  assign(operations: bigint): void {
    if (this.provider.withheld !== undefined || !this.connected) return;
    const task = `t${this.#named++}` as TaskId;
    this.waiting.set(task, operations);
    this.step({ type: 'assigned', tasks: [{ task, operations }] });
  }

  /** The oldest that runs ends, having used this part of its limit, and becomes a bundle. */
  finish(part: bigint): void {
    const [oldest] = this.running;
    if (oldest === undefined) return;
    const [task, most] = oldest;
    this.running.delete(task);
    this.number += 1;
    const bundle = { number: this.number, tasks: [task], operations: (most * part) / 100n };
    this.step({ type: 'sealed', ...bundle });
    this.sealing.push({ bundle, book: this.provider.book });
  }

  sync(): void {
    const next = this.sealing.shift();
    if (next === undefined) return;
    const { bundle, book } = next;
    this.disk = { ...this.disk, book, kept: [...this.disk.kept, bundle], number: bundle.number };
    this.done += bundle.operations;
    if (this.connected) this.toBroker.push(bundle);
  }

  brokerHears(): void {
    const bundle = this.toBroker.shift();
    if (bundle === undefined) return;
    const { number, operations } = bundle;
    this.broker = brokerSide.examined(this.broker, number, { operations, committed: number });
    this.broker = brokerSide.acknowledgedDeal(this.broker, number);
    this.toProvider.push({ acknowledge: number });
    this.pay();
  }

  pay(): void {
    const due = brokerSide.voucherDue(this.broker, this.now);
    if (due === undefined || !this.connected) return;
    this.broker = brokerSide.vouchered(this.broker, due, this.now);
    this.toProvider.push({ paid: due });
  }

  providerHears(): void {
    const word = this.toProvider.shift();
    if (word === undefined) return;
    if ('acknowledge' in word) {
      const number = word.acknowledge;
      this.disk = { ...this.disk, kept: this.disk.kept.filter((it) => it.number > number) };
      this.step({ type: 'acknowledged', number });
    } else {
      const { amount, covers } = word.paid;
      assert.ok(amount <= this.chain, 'no voucher is for more than is allocated');
      if (amount > this.disk.vouchered) this.disk = { ...this.disk, vouchered: amount };
      this.step({ type: 'paid', amount, bundles: 0, covers });
    }
  }

  sever(): void {
    this.connected = false;
    this.toBroker = [];
    this.toProvider = [];
  }

  attach(): void {
    if (this.connected) return;
    this.connected = true;
    this.toBroker = [...this.disk.kept];
    this.broker = brokerSide.reattached(this.broker);
  }

  restartProvider(): void {
    this.sever();
    this.running.clear();
    this.waiting.clear();
    this.sealing = [];
    this.number = this.disk.number;
    this.provider = this.#taken();
    this.check();
  }

  restartBroker(): void {
    this.sever();
    const { book, allocated, counted, committed } = this.broker;
    const rules = { unpaidMax: UNPAID_MAX, voucherMs: VOUCHER_MS };
    this.broker = brokerSide.heldDeal({ book, allocated, counted, committed }, rules);
  }

  pass(ms: number): void {
    this.now += ms;
    this.step({ type: 'tick' });
    this.pay();
  }

  step(event: ProviderDealEvent): void {
    const { state, effects } = providerDealMachine.step(this.provider, event, this.now);
    this.provider = state;
    for (const effect of effects) {
      if (effect.type === 'admit') {
        for (const task of effect.tasks) {
          this.running.set(task, this.waiting.get(task)!);
          this.waiting.delete(task);
        }
      } else if (effect.type === 'refuse') {
        this.waiting.delete(effect.task);
        this.refused.push(effect.task);
      } else if (effect.type === 'withhold') this.reasons.push(effect.fault?.code);
      else this.left.push(effect.fault.code);
    }
    this.#law();
  }

  /** What is paid for, on disk and within what the chain has, is never further behind than this. */
  #law(): void {
    assert.ok(unpaidIn(this.provider) + this.provider.reserved <= UNPAID_MAX, 'too much is under way unpaid');
    const owed = owedIn(this.disk.book);
    assert.ok(owed - payable(this.disk.vouchered, this.chain) <= UNPAID_MAX, 'too much was done unpaid');
    assert.ok(owedIn(this.broker.book) <= this.done, 'no work is counted twice, or that was not done');
    assert.ok(this.broker.vouchered <= owedIn(this.broker.book), 'no voucher is for more than is owed');
  }

  #taken(): ProviderDeal {
    const { book, vouchered, kept } = this.disk;
    return takenDeal({
      deal,
      book,
      vouchered,
      unpaidMax: UNPAID_MAX,
      voucherMs: VOUCHER_MS,
      patience: 3,
      kept: kept.map(({ number }) => number),
      now: this.now,
    });
  }
}
