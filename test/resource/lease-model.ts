/**
 * Both machines of one lease, joined by streams that break, with processes that die: what the property tests
 * walk through. It also plays the customer, who remembers across crashes what is assigned.
 */

import assert from 'node:assert/strict';
import type { PeerId } from '../../src/connectivity/index.ts';
import type { Task, TaskId } from '../../src/fabric/index.ts';
import {
  brokerLeaseMachine,
  grantedLease,
  providerLeaseMachine,
  recalledLease,
} from '../../src/resource/index.ts';
import { freeCredit, survivingLease, takenLease } from '../../src/resource/index.ts';
import type {
  BrokerLeaseEvent,
  BrokerLeaseTalk,
  Epoch,
  Grant,
  KeptBundle,
} from '../../src/resource/index.ts';
import type { LeaseId, ProviderLeaseEvent, ProviderLeaseTalk, Return } from '../../src/resource/index.ts';
import { tasksNamed } from './lease-world.ts';

export const grant: Grant = {
  lease: 'l1.broker' as LeaseId,
  epoch: 7 as Epoch,
  broker: 'broker' as PeerId,
  provider: 'provider' as PeerId,
  slots: 2,
  lapseAfterMs: 10_000,
  heartbeatMs: 3_000,
  expiresAt: 3_600_000,
};

export function returnFor(task: TaskId, wallMs = 10): Return {
  return { task, status: 'cancelled', digest: '', usage: { cpuMs: 1, wallMs, memoryBytesPeak: 1 } };
}

export class LeaseModel {
  now = 0;
  broker = grantedLease(grant, 0);
  provider = takenLease(grant, 0);
  toBroker: ProviderLeaseTalk[] = [];
  toProvider: BrokerLeaseTalk[] = [];
  connected = true;
  wantsDial = false;
  sealing: KeptBundle[] = [];
  disk: KeptBundle[] = [];
  acknowledged = 0;
  /** What the customer waits for. */
  readonly open = new Set<TaskId>();
  readonly returned = new Set<TaskId>();
  readonly lost = new Set<TaskId>();
  /** Tasks in bundles that the provider made, over all its lives. */
  readonly bundled = new Set<TaskId>();
  /** In two bundles: only a repeated assignment can do that. */
  readonly twice: TaskId[] = [];
  readonly breaches: string[] = [];
  /** Returned after the customer was told that they are lost. */
  readonly late: TaskId[] = [];
  brokerRestarted = false;
  #named = 0;

  constructor() {
    this.atProvider({ type: 'kept' });
  }

  /** `over`: more than there is credit for, from a customer that has not heard of less. */
  assign(count: number, over = 0) {
    if (this.broker.phase === 'ended') return;
    const tasks = tasksNamed(`t${this.#named++}`, Math.min(count, freeCredit(this.broker)) + over);
    if (tasks.length === 0) return;
    for (const { id } of tasks) this.open.add(id);
    this.atBroker({ type: 'assign', tasks });
  }

  deliverToBroker() {
    const message = this.toBroker.shift();
    if (message !== undefined) this.atBroker({ type: 'said', message });
  }

  deliverToProvider() {
    const message = this.toProvider.shift();
    if (message !== undefined) this.atProvider({ type: 'said', message });
  }

  finish(count: number) {
    const returns = [...this.provider.running].slice(0, count).map((task) => returnFor(task));
    this.atProvider({ type: 'ended', returns });
    this.atProvider({ type: 'flush' });
  }

  sync() {
    const kept = this.sealing.shift();
    if (kept === undefined) return;
    this.disk.push(kept);
    this.atProvider({ type: 'sealed', kept });
  }

  sever() {
    if (!this.connected) return;
    this.connected = false;
    this.toBroker = [];
    this.toProvider = [];
    this.atBroker({ type: 'broke' });
    this.atProvider({ type: 'broke', chance: 0.5 });
  }

  dial() {
    if (!this.wantsDial || this.connected) return;
    this.wantsDial = false;
    this.connected = true;
    this.atProvider({ type: 'dialled' });
  }

  restartBroker() {
    this.sever();
    if (this.broker.phase === 'ended') return;
    this.brokerRestarted = true;
    this.broker = recalledLease(grant, this.now);
  }

  restartProvider() {
    this.sever();
    if (this.provider.phase === 'ended') return;
    this.sealing = [];
    this.wantsDial = false;
    const number = this.disk.at(-1)?.bundle.number ?? this.acknowledged;
    this.provider = survivingLease(grant, number, this.disk, this.now);
  }

  pass(ms: number) {
    this.now += ms;
    this.atBroker({ type: 'tick', heardAt: 0, absentMs: 0 });
    this.atProvider({ type: 'tick', heardAt: 0, lingerMs: 60_000 });
  }

  atBroker(event: BrokerLeaseEvent) {
    const { effects, state } = brokerLeaseMachine.step(this.broker, event, this.now);
    this.broker = state;
    assert.ok(state.sent <= state.limit || state.recalled || state.phase === 'ended', 'credit is kept');
    for (const effect of effects) {
      if (effect.type === 'say') this.#toProvider(effect.message as BrokerLeaseTalk);
      else if (effect.type === 'send') this.#send(effect.tasks);
      else if (effect.type === 'examine') this.#examined(effect.bundle.number, effect.bundle.returns);
      else if (effect.type === 'tell-attached') this.#lose(new Set(effect.tasks));
      else if (effect.type === 'end') {
        if (effect.fault.code === 'RESOURCE_PROTOCOL_BROKEN') this.breaches.push(effect.fault.message);
        this.#lose(new Set());
      }
    }
  }

  atProvider(event: ProviderLeaseEvent) {
    const { effects, state } = providerLeaseMachine.step(this.provider, event, this.now);
    this.provider = state;
    assert.ok(state.received <= state.limit || state.phase !== 'active', 'what arrives was asked for');
    for (const effect of effects) {
      if (effect.type === 'say') this.#toBroker(effect.message as ProviderLeaseTalk);
      else if (effect.type === 'seal') this.#seal(effect.number, effect.returns);
      else if (effect.type === 'forget') {
        this.acknowledged = effect.numbers.at(-1)!;
        this.disk = this.disk.filter(({ bundle }) => !effect.numbers.includes(bundle.number));
      } else if (effect.type === 'dial') this.wantsDial = true;
      else if (effect.type === 'reserve') this.atProvider({ type: 'reserved', held: true });
      else if (effect.type === 'end' && /PROTOCOL_BROKEN|CREDIT/.test(effect.fault.code)) {
        this.breaches.push(effect.fault.message);
      }
    }
  }

  #send(tasks: readonly Task[]) {
    const { lease, epoch } = grant;
    const sent = tasks.map(({ common: _, ...task }) => ({ ...task, common: 0 }));
    this.#toProvider({ type: 'assign', lease, epoch, bundle: { commons: [], tasks: sent } });
  }

  #seal(number: number, returns: readonly Return[]) {
    for (const { task } of returns) {
      if (this.bundled.has(task)) this.twice.push(task);
      this.bundled.add(task);
    }
    const { lease, epoch } = grant;
    const bundle = { lease, epoch, number, returns, signature: new Uint8Array(64) };
    this.sealing.push({ bundle, bytes: 100 });
  }

  /** What the broker accepts is durable at its customer at once, and acknowledged. */
  #examined(number: number, returns: readonly Return[]) {
    for (const { task } of returns) {
      const isFirst = this.open.delete(task);
      assert.ok(isFirst || this.brokerRestarted || this.lost.has(task), `${task} is returned once`);
      if (isFirst) this.returned.add(task);
      else if (this.lost.has(task)) this.late.push(task);
    }
    this.atBroker({ type: 'acknowledge', number });
  }

  #lose(present: ReadonlySet<TaskId>) {
    for (const task of this.open) {
      if (present.has(task)) continue;
      this.open.delete(task);
      this.lost.add(task);
    }
  }

  #toBroker(message: ProviderLeaseTalk) {
    if (this.connected) this.toBroker.push(message);
  }

  #toProvider(message: BrokerLeaseTalk) {
    if (this.connected) this.toProvider.push(message);
  }
}
