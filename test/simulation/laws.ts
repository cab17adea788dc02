/**
 * What must hold at every moment of every run. Each law is checked where the truth is: on what the broker's
 * disk has taken, and on what passes between the broker and its leases.
 *
 * - The right verdict: each unit that is agreed on has the one right result.
 * - Once: each unit is final once, and what is merged is exactly what was agreed.
 * - Distinct owners: no two replicas of a unit that run or have voted have one owner.
 * - Capacity: a machine never runs more tasks than it has slots, nor leases more of them than it has.
 * - Fencing: no epoch is granted twice, and nothing of a lease that has ended is accepted.
 * - Durability: what is acknowledged, and what is answered for, is on the disk.
 * - Justice: no honest owner is excluded.
 * - Replay: the disk read from the start gives the state that its commits made one by one.
 */

import { createHash, type Hash } from 'node:crypto';
import { encode, type Journal, type JournalCommit } from '../../src/actors/index.ts';
import type { BatchId, BatchView } from '../../src/collective/index.ts';
import { decodeBatch, decodeEntry, encodeBatch } from '../../src/collective/batch-codec.ts';
import { batchMachine } from '../../src/collective/batch-machine.ts';
import { type BatchState, openBatch, viewOf } from '../../src/collective/batch-state.ts';
import { recover } from '../../src/collective/broker-recovery.ts';
import { decodeResult } from '../../src/collective/result-rows.ts';
import { parseTaskId } from '../../src/collective/task-name.ts';
import type { OwnerId } from '../../src/connectivity/index.ts';
import type { HolderMail, LeaseId, LeaseNews } from '../../src/resource/index.ts';
import { isRight, mergedUnits } from './work.ts';

export class LawBroken extends Error {
  readonly law: string;

  constructor(law: string, what: string) {
    super(`${law}: ${what}`);
    this.name = 'LawBroken';
    this.law = law;
  }
}

export class Laws {
  readonly #isHonest: (owner: OwnerId) => boolean;
  /** What the disk says, one commit after the other. */
  readonly #disk = new Map<BatchId, BatchState>();
  readonly #final = new Map<string, string>();
  readonly #epochs = new Map<number, LeaseId>();
  /** Leases that have ended for this life of the broker; and for all lives, because the disk says so. */
  #ended = new Set<LeaseId>();
  readonly #endedForGood = new Set<LeaseId>();
  readonly #bundles = new Map<string, readonly string[]>();
  readonly #accepted = new Set<BatchId>();
  readonly #trace: Hash = createHash('sha256');
  readonly #excluded = new Set<OwnerId>();
  /** Batches whose result was held against their rows. */
  readonly #closed = new Set<BatchId>();
  commits = 0;

  constructor(isHonest: (owner: OwnerId) => boolean) {
    this.#isHonest = isHonest;
  }

  /** Two runs with equal traces have had the same commits at the same times. */
  trace(): string {
    return this.#trace.copy().digest('hex');
  }

  get excluded(): ReadonlySet<OwnerId> {
    return this.#excluded;
  }

  view(batch: BatchId): BatchView | undefined {
    const state = this.#disk.get(batch);
    return state && viewOf(state);
  }

  /** The broker's disk has taken a commit. */
  committed(commit: JournalCommit, now: number): void {
    this.commits += 1;
    this.#trace.update(`${now}\n`);
    for (const { stream, entry } of commit.entries ?? []) {
      this.#trace.update(stream).update(entry);
      if (stream.startsWith('batch/')) this.#entered(stream.slice('batch/'.length) as BatchId, entry);
    }
    // A snapshot stands for the entries of its turn, which the journal never sees.
    for (const { stream, state } of commit.snapshots ?? []) {
      this.#trace.update(stream).update(state);
      if (stream.startsWith('batch/'))
        this.#disk.set(stream.slice('batch/'.length) as BatchId, decodeBatch(state));
    }
    for (const { key, value } of commit.puts ?? []) {
      this.#trace.update(key).update(value);
      if (key.startsWith('result/')) this.#decided(key, value);
    }
    for (const state of this.#disk.values()) if (state.phase === 'done') this.#merged(state);
  }

  /** From the leases to the broker. */
  heard(news: LeaseNews): void {
    if (news.type === 'opened') {
      const { lease, epoch } = news.lease;
      const first = this.#epochs.get(epoch) ?? lease;
      if (first !== lease) throw new LawBroken('fencing', `epoch ${epoch} was granted twice`);
      this.#epochs.set(epoch, lease);
      this.#stillOn(lease, 'opened');
    } else if (news.type === 'lapsed') this.#ended.add(news.lease);
    else if (news.type === 'returned') {
      this.#stillOn(news.lease, `returned bundle ${news.bundle}`);
      const tasks = news.returns.map(({ task }) => task);
      this.#bundles.set(`${news.lease} ${news.bundle}`, tasks);
    }
  }

  /** From the broker to the leases. */
  said(mail: HolderMail): void {
    if (mail.type === 'acknowledge') this.#acknowledged(mail.lease, mail.bundle);
    if (mail.type === 'assign')
      for (const { id } of mail.tasks)
        if (!this.#isOut(id)) throw new LawBroken('durability', `${id} was sent before it was on the disk`);
    if (mail.type !== 'exclude') return;
    if (this.#isHonest(mail.owner)) throw new LawBroken('justice', `${mail.owner} is honest: ${mail.reason}`);
    this.#excluded.add(mail.owner);
  }

  answered(batch: BatchId): void {
    if (!this.#disk.has(batch))
      throw new LawBroken('durability', `${batch} was answered for before it was on the disk`);
    this.#accepted.add(batch);
  }

  capacity(name: string, used: number, has: number): void {
    if (used > has) throw new LawBroken('capacity', `${name} has ${has} slots and uses ${used}`);
  }

  /** What was not on the disk has not happened: the broker has told nobody of it. */
  crashed(): void {
    this.#ended = new Set();
    this.#bundles.clear();
  }

  /** A broker that has just been started says what it knows. */
  restarted(views: readonly BatchView[]): void {
    for (const batch of this.#accepted)
      if (!views.some((view) => view.batch === batch))
        throw new LawBroken('durability', `${batch} is forgotten`);
  }

  /** The disk is read from the start, as a new process would. */
  async replayed(journal: Journal): Promise<void> {
    const { batches } = await recover(journal);
    for (const state of batches) {
      const made = this.#disk.get(state.spec.batch);
      if (!made || !Buffer.from(encodeBatch(made)).equals(encodeBatch(state)))
        throw new LawBroken('replay', `${state.spec.batch} is not what its commits have made`);
    }
    if (batches.length !== this.#disk.size) throw new LawBroken('replay', 'a batch is missing');
  }

  #entered(batch: BatchId, bytes: Uint8Array): void {
    const entry = decodeEntry(bytes);
    if ('spec' in entry) {
      if (this.#disk.has(batch)) throw new LawBroken('once', `${batch} was accepted twice`);
      this.#disk.set(batch, openBatch(entry.spec));
      return;
    }
    let state = this.#disk.get(batch)!;
    for (const event of entry.events) {
      state = batchMachine.step(state, event, entry.now).state;
      this.#disk.set(batch, state);
      if (event.type === 'lapsed') this.#endedForGood.add(event.lease);
      if (event.type === 'assigned') this.#distinctOwners(state, event.units);
    }
  }

  #distinctOwners(state: BatchState, units: readonly number[]): void {
    for (const index of units) {
      const owners = new Set<OwnerId>();
      for (const { state: is, place } of state.window.get(index as never)?.replicas ?? []) {
        if (is !== 'running' && is !== 'succeeded') continue;
        if (owners.has(place.owner))
          throw new LawBroken(
            'distinct owners',
            `${place.owner} has unit ${index} of ${state.spec.name} twice`,
          );
        owners.add(place.owner);
      }
    }
  }

  #decided(key: string, value: Uint8Array): void {
    const [, batch] = key.split('/') as [string, BatchId];
    const result = decodeResult(value);
    if (this.#final.has(key)) throw new LawBroken('once', `${key} was decided twice`);
    this.#final.set(key, result.verdict);
    const { spec } = this.#disk.get(batch)!;
    if (result.verdict !== 'agreed') return;
    if (!isRight(spec, result)) throw new LawBroken('the right verdict', `${key} has a wrong result`);
    const owners = new Set(
      result.replicas.filter(({ state }) => state === 'agreed').map(({ owner }) => owner),
    );
    if (owners.size < spec.quorum.minQuorum)
      throw new LawBroken('distinct owners', `${owners.size} owners stand behind ${key}`);
  }

  #merged({ spec, files, tallies }: BatchState): void {
    if (this.#closed.has(spec.batch)) return;
    this.#closed.add(spec.batch);
    const content = files[0]?.content;
    const merged = content && 'inline' in content ? mergedUnits(content.inline) : [];
    const agreed = [...this.#final].filter(
      ([key, verdict]) => verdict === 'agreed' && key.startsWith(`result/${spec.batch}/`),
    );
    const units = agreed.map(([key]) => Number(key.split('/')[2])).sort((one, other) => one - other);
    if (tallies.agreed !== units.length || !Buffer.from(encode(merged)).equals(encode(units)))
      throw new LawBroken('once', `${spec.batch} merged ${merged.length} of ${units.length} agreed units`);
  }

  #acknowledged(lease: LeaseId, bundle: number): void {
    for (const task of this.#bundles.get(`${lease} ${bundle}`) ?? [])
      if (this.#isOut(task, lease))
        throw new LawBroken('durability', `${task} was acknowledged before it was on the disk`);
    this.#bundles.delete(`${lease} ${bundle}`);
  }

  /** Whether the disk knows the task as one that may still be returned (under that lease). */
  #isOut(task: string, lease?: LeaseId): boolean {
    const name = parseTaskId(task);
    const state = name && this.#disk.get(name.batch);
    const unit = state?.window.get(name!.unit) ?? state?.closing.get(name!.unit);
    const replica = unit?.replicas[name!.ordinal];
    return replica?.out === true && (lease === undefined || replica.place.lease === lease);
  }

  #stillOn(lease: LeaseId, what: string): void {
    if (this.#ended.has(lease) || this.#endedForGood.has(lease))
      throw new LawBroken('fencing', `${lease} has ended and ${what}`);
  }
}
