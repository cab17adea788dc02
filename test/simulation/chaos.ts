/** What goes wrong in a simulated grid, and when: drawn from the seed, step by step. */

import type { PeerId } from '../../src/connectivity/index.ts';
import type { SimulatedGrid, SimulatedProvider } from './grid.ts';

/** Chances for each step of a fifth of a second. */
const BROKER_CRASH = 1 / 40;
const PARTITION = 1 / 30;
const SEVER = 1 / 3;
/** For each provider. */
const PROVIDER_CRASH = 1 / 600;
const CRASHING_CRASH = 1 / 40;

export class Chaos {
  readonly counts: Record<string, number> = {};
  readonly #grid: SimulatedGrid;
  readonly #down = new Map<SimulatedProvider, number>();
  #brokerBackAt = 0;
  #healAt: number | undefined;

  constructor(grid: SimulatedGrid) {
    this.#grid = grid;
  }

  async step(): Promise<void> {
    await this.#broker();
    await this.#providers();
    this.#connections();
  }

  /** Everything is well again, and stays so. */
  async end(): Promise<void> {
    const grid = this.#grid;
    grid.networks.heal();
    if (!grid.brokerIsUp) await this.#startBroker();
    for (const provider of this.#down.keys()) grid.startProvider(provider);
    this.#down.clear();
  }

  async #broker(): Promise<void> {
    const grid = this.#grid;
    if (!grid.brokerIsUp) {
      if (grid.clock.now() >= this.#brokerBackAt) await this.#startBroker();
    } else if (this.#happens(BROKER_CRASH, 'broker crashes')) {
      await grid.crashBroker(grid.random.below(2) === 0);
      this.#brokerBackAt = grid.clock.now() + grid.random.below(5_000);
    }
  }

  async #startBroker(): Promise<void> {
    const grid = this.#grid;
    await grid.laws.replayed(grid.disk);
    grid.startBroker();
    const views = await grid.list();
    if (views) grid.laws.restarted(views);
  }

  async #providers(): Promise<void> {
    const grid = this.#grid;
    const now = grid.clock.now();
    for (const [provider, backAt] of this.#down) {
      if (now < backAt) continue;
      this.#down.delete(provider);
      grid.startProvider(provider);
    }
    for (const provider of grid.providers) {
      if (this.#down.has(provider)) continue;
      const chance = provider.character === 'crashing' ? CRASHING_CRASH : PROVIDER_CRASH;
      if (!this.#happens(chance, 'provider crashes')) continue;
      await grid.crashProvider(provider, grid.random.below(2) === 0);
      this.#down.set(provider, now + grid.random.below(12_000));
    }
  }

  #connections(): void {
    const grid = this.#grid;
    const now = grid.clock.now();
    if (this.#happens(SEVER, 'connections severed')) grid.networks.sever(grid.brokerPeer(), this.#someone());
    if (this.#healAt !== undefined && now >= this.#healAt) {
      grid.networks.heal();
      this.#healAt = undefined;
    } else if (this.#healAt === undefined && this.#happens(PARTITION, 'partitions')) {
      const cut = grid.providers.filter(() => grid.random.below(3) === 0).map(({ peer }) => peer);
      grid.networks.partition([grid.brokerPeer()], cut);
      this.#healAt = now + grid.random.below(12_000);
    }
  }

  #someone(): PeerId {
    const { providers, random } = this.#grid;
    return providers[random.below(providers.length)]!.peer;
  }

  #happens(chance: number, what: string): boolean {
    if (this.#grid.random.fraction() >= chance) return false;
    this.counts[what] = (this.counts[what] ?? 0) + 1;
    return true;
  }
}
