/**
 * What happens to the demonstration's batch, as the broker tells it: followed for the script to wait on,
 * shown as progress bars, and kept for the report.
 */

import type { BatchId, BatchNews, BatchView, UnitResult } from '../../collective/index.ts';
import { allUnits, type ApiClient } from '../api/client.ts';
import { brief, duration } from '../cli/figures.ts';
import { hasEnded } from '../cli/follow.ts';
import { progressTo } from '../cli/progress.ts';
import { gridErrors } from '../errors.ts';
import type { IdentityView } from '../node.ts';

export interface Recovery {
  readonly who: string;
  readonly units: number;
  /** From the kill until all units it had were given to others. */
  readonly ms: number;
}

export class Story {
  /** Names by peer id. */
  readonly names = new Map<string, string>();
  recovered: Recovery | undefined;
  /** From the broker's death until the next unit was verified by its successor. */
  brokerRecoveryMs: number | undefined;
  /** Agreed when the broker died. */
  agreedBefore = 0;
  #batch: BatchId | undefined;
  #view: BatchView | undefined;
  #waiting: { when: (view: BatchView) => boolean; resolve: (view: BatchView) => void }[] = [];
  #working = new Set<string>();
  #lostAt = new Map<string, number>();
  #brokerLostAt: number | undefined;
  #leave = new AbortController();
  readonly #progress = progressTo({
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    signal: new AbortController().signal,
  });

  introduce(name: string, { peer }: IdentityView): void {
    this.names.set(peer, name);
  }

  nameOf(peer: string): string {
    return this.names.get(peer) ?? brief(peer);
  }

  tell(line: string): void {
    this.#progress.line(line);
  }

  lost(name: string): void {
    this.#lostAt.set(name, performance.now());
    this.tell(`${name} is killed with SIGKILL while it works`);
  }

  brokerLost(): void {
    this.#brokerLostAt = performance.now();
    this.agreedBefore = this.#view?.counts.agreed ?? 0;
    this.tell(
      `the broker is killed with SIGKILL after ${this.agreedBefore} verified units, and started again`,
    );
  }

  /** Whether the broker counted on it when it last spoke. */
  isWorking(name: string): boolean {
    return this.#working.has(name);
  }

  /** Resolves when the broker has answered; from then on the news flows until the connection breaks. */
  async follow(client: ApiClient, batch: BatchId): Promise<void> {
    this.#batch = batch;
    this.#leave.abort();
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    this.#changed(await client.batch(batch));
    void this.#listen(client, batch, signal);
  }

  /** Resolves with the first state that fulfils `when`; at once, if the present one does. */
  until(when: (view: BatchView) => boolean): Promise<BatchView> {
    if (this.#view !== undefined && when(this.#view)) return Promise.resolve(this.#view);
    return new Promise((resolve) => this.#waiting.push({ when, resolve }));
  }

  /** Resolves when the batch is done; rejects when it ended in any other way. */
  async ended(): Promise<BatchView> {
    const view = await this.until(hasEnded);
    if (view.phase === 'done') return view;
    const reason = view.reason ?? '';
    throw gridErrors.GRID_BATCH_NOT_DONE({ batch: view.batch, phase: view.phase, reason });
  }

  async units(client: ApiClient): Promise<readonly UnitResult[]> {
    const all: UnitResult[] = [];
    for await (const unit of allUnits(client, this.#batch!)) all.push(unit);
    return all;
  }

  end(): void {
    this.#leave.abort();
    this.#progress.end();
  }

  async #listen(client: ApiClient, batch: BatchId, signal: AbortSignal): Promise<void> {
    try {
      for await (const news of client.followBatches(signal, batch)) {
        const providers = await client.providers();
        this.#working = new Set(
          providers.filter((it) => it.running > 0).map((it) => this.nameOf(it.provider)),
        );
        this.#heard(news);
      }
    } catch {
      // The broker is being killed; the script follows its successor.
    }
  }

  #heard(news: BatchNews): void {
    if (news.type === 'changed') this.#changed(news.view);
    else if (news.type === 'discredited') {
      this.tell(`${this.nameOf(news.provider)} returned wrong pixels for unit ${news.unit} and is excluded`);
    } else this.#recoveredFrom(this.nameOf(news.provider), news.units);
  }

  #recoveredFrom(who: string, units: number): void {
    const since = this.#lostAt.get(who);
    if (since === undefined) return;
    const ms = performance.now() - since;
    this.recovered = { who, units, ms };
    this.tell(`${units} units of ${who} are with others, ${duration(ms)} after its death`);
    if (this.#view !== undefined) this.#changed(this.#view);
  }

  #changed(view: BatchView): void {
    this.#view = view;
    const { agreed, total, replicasAssigned, replicasReturned } = view.counts;
    this.#progress.show('tiles', agreed, total ?? undefined, `verified · ${view.phase}`);
    this.#progress.show('replicas', replicasReturned, replicasAssigned, 'returned');
    if (this.#brokerLostAt !== undefined && agreed > this.agreedBefore) {
      this.brokerRecoveryMs ??= performance.now() - this.#brokerLostAt;
    }
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ when }) => !when(view));
    for (const { when, resolve } of waiting) if (when(view)) resolve(view);
  }
}
