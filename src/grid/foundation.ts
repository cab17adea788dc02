/**
 * What every node stands on, whatever its roles: a locked home, keys, a journal, a place in the network,
 * blocks, and a system of actors. Opened from the bottom up, closed in reverse.
 */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Clock,
  createSystem,
  type Fault,
  type Inspection,
  type Inspector,
  type Journal,
  type Random,
  RingBuffer,
  type System,
  systemClock,
  systemRandom,
} from '../actors/index.ts';
import {
  type Address,
  type Blocks,
  type Identity,
  joinLibp2p,
  loadIdentity,
  type Network,
  openBlocks,
  withLoopback,
} from '../connectivity/index.ts';
import { lockHome, openLevelJournal } from '../fabric/index.ts';
import type { Config } from './config.ts';
import { type Money, type OpenLedger, openMoney } from './money.ts';
import { nodeIdentity } from './node-files.ts';

export interface Foundation {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly identity: Identity;
  /** The key that says whose machine this is; the same file on several machines makes them one owner. */
  readonly owner: Identity;
  readonly journal: Journal;
  readonly network: Network;
  readonly blocks: Blocks;
  readonly system: System;
  /** Undefined on a grid of volunteers. */
  readonly money: Money | undefined;
  /** The newest inspection events, oldest first. */
  readonly recent: RingBuffer<Inspection>;
  readonly inspect: Inspector;
  subscribe(listener: Inspector): () => void;
  close(): Promise<void>;
}

/** What a person scrolls back through in the dashboard's log. */
const RECENT_EVENTS_MAX = 1_000;

export interface FoundationParts {
  /** Called at most once, when the actors at the top have failed for good. */
  readonly failed: (fault: Fault) => void;
  readonly openLedger: OpenLedger;
}

export async function openFoundation(config: Config, parts: FoundationParts): Promise<Foundation> {
  const open: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (let release = open.pop(); release !== undefined; release = open.pop()) await release();
  };
  try {
    return await build(config, parts, open, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function build(
  config: Config,
  { failed, openLedger }: FoundationParts,
  open: (() => unknown)[],
  close: () => Promise<void>,
): Promise<Foundation> {
  const { paths, network: wanted } = config;
  const clock = systemClock();
  const random = systemRandom();
  for (const folder of [paths.config, paths.data, paths.runtime]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
  const lock = await lockHome(paths.data);
  open.push(() => lock.release());
  const identity = await nodeIdentity(paths);
  const owner = await loadIdentity({ path: join(paths.config, 'owner.key'), create: true });

  const recent = new RingBuffer<Inspection>('recent inspection events', RECENT_EVENTS_MAX);
  const system = createSystem({
    name: config.name,
    clock,
    random,
    failed,
    inspectors: [(it) => recent.push(it)],
  });
  open.push(() => system.stop());
  const { inspect, subscribe } = inspection(system, recent);

  const journal = await openLevelJournal({ path: join(paths.data, 'journal') });
  open.push(() => journal.close());
  const money = await openMoney({ config, clock, journal, inspect, peer: identity.peer }, openLedger);
  open.push(() => money?.ledger.close());
  const { host, network: remote } = await joinLibp2p({
    identity,
    listen: wanted.listen as Address[],
    bootstrap: wanted.bootstrap as Address[],
    mdns: wanted.mdns,
    dht: wanted.dht,
    clock,
    random,
    inspect,
  });
  const network = withLoopback({ network: remote, clock, random });
  open.push(() => network.close());
  const quotaBytes = config.provider.storageQuota;
  const blocks = await openBlocks({
    libp2p: host,
    network,
    path: join(paths.data, 'blocks'),
    quotaBytes,
    clock,
  });
  open.push(() => blocks.close());
  // Actors stop first of all: they use everything above.
  open.push(() => system.stop());

  return {
    config,
    clock,
    random,
    identity,
    owner,
    journal,
    network,
    blocks,
    system,
    money,
    recent,
    inspect,
    subscribe,
    close,
  };
}

/** One stream of what happens: layers that are no actors report through the same one as actors. */
function inspection(
  system: System,
  recent: RingBuffer<Inspection>,
): Pick<Foundation, 'inspect' | 'subscribe'> {
  const listeners = new Set<Inspector>();
  return {
    inspect(event) {
      const dated = { at: system.clock.now(), ...event };
      recent.push(dated);
      for (const listener of listeners) listener(dated);
    },
    subscribe(listener) {
      listeners.add(listener);
      const end = system.inspect(listener);
      return () => {
        listeners.delete(listener);
        end();
      };
    },
  };
}
