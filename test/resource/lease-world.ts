/**
 * A broker and providers over a network in memory, in simulated time, with an executor that needs no sandbox.
 */

import { createSystem, type Inspection, type MemoryJournal, memoryJournal } from '../../src/actors/index.ts';
import { type ActorRef, type BehaviourFactory, type System, seededRandom } from '../../src/actors/index.ts';
import { type Random, simulatedClock, type SimulatedDispatcher } from '../../src/actors/index.ts';
import { simulatedDispatcher } from '../../src/actors/index.ts';
import { createMemoryNetworks, type MemoryNetworks } from '../../src/connectivity/memory-network.ts';
import { type Identity, newIdentity } from '../../src/connectivity/identity.ts';
import type { OwnerId, PeerId } from '../../src/connectivity/index.ts';
import { verifySignature } from '../../src/connectivity/signature.ts';
import { type MemoryContentStore, memoryContentStore, outputDigest } from '../../src/fabric/index.ts';
import type {
  Capability,
  Cid,
  ExecutorMail,
  ExecutorNews,
  Task,
  TaskCommon,
} from '../../src/fabric/index.ts';
import type { TaskId, TaskOutcome, TaskOutput } from '../../src/fabric/index.ts';
import type { DeskConfig, DeskInternal, DeskMail, DeskPayments } from '../../src/resource/index.ts';
import type { HolderConfig, HolderInternal, HolderMail, HolderPayments } from '../../src/resource/index.ts';
import { leaseDesk, leaseHolder, type LeaseNews } from '../../src/resource/index.ts';
import { parsePolicy, stateOwnership } from '../../src/resource/index.ts';

export const START_MS = 1_700_000_000_000;

export const capability: Capability = {
  architecture: 'x64',
  platform: 'linux',
  cpuModel: 'imagined',
  cores: 2,
  speed: 1_000_000,
  memoryBytes: 8 * 2 ** 30,
  storageBytes: 2 ** 40,
  gpus: [],
  sandboxes: ['wasm'],
};

export const common: TaskCommon = {
  sandbox: 'wasm',
  program: 'bafkreiaprogram' as Cid,
  files: [],
  limits: { memoryBytesMax: 2 ** 20, runMsMax: 1_000, outputBytesMax: 2 ** 20, logBytesMax: 2 ** 16 },
};

export function tasksNamed(prefix: string, count: number): Task[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `${prefix}/${index}` as TaskId,
    common,
    args: [String(index)],
    files: [],
    seed: `${prefix}/${index}`,
  }));
}

/** What an honest machine leaves for a task. */
export function outputOf(task: Task): TaskOutput {
  return { exitCode: 0, stdout: new TextEncoder().encode(task.args.join(' ')), files: [] };
}

export interface ExecutorHabits {
  readonly runMs: number;
  readonly slots: number;
  readonly output?: (task: Task) => TaskOutput;
  /** Digest claimed for an output; a liar's is wrong. */
  readonly claim?: (output: TaskOutput) => ReturnType<typeof outputDigest>;
  /** Not the executor's habit but its machine's: how it signs. */
  readonly sign?: (bytes: Uint8Array) => Uint8Array;
}

/** Runs `slots` tasks at a time, each for `runMs`; keeps the ids it was given, in order. */
export function fakeExecutor(owner: ActorRef<ExecutorNews>, habits: ExecutorHabits, given: TaskId[] = []) {
  type Mail = ExecutorMail | { readonly type: 'ran'; readonly tasks: readonly Task[] };
  const factory: BehaviourFactory<Mail> = () => {
    const queue: Task[] = [];
    let running = 0;
    let suspended = false;
    return {
      receive(mail, context) {
        if (mail.type === 'execute') {
          for (const task of mail.tasks) given.push(task.id);
          queue.push(...mail.tasks);
        } else if (mail.type === 'cancel') {
          const gone = queue.filter((task) => mail.ids.includes(task.id));
          for (const task of gone) queue.splice(queue.indexOf(task), 1);
          const outcomes = gone.map(({ id }) => ({ id, status: 'cancelled', usage: usageOf(0) }) as const);
          if (outcomes.length > 0) owner.tell({ type: 'outcomes', outcomes });
        } else if (mail.type === 'ran') {
          running -= mail.tasks.length;
          owner.tell({ type: 'outcomes', outcomes: mail.tasks.map((task) => outcomeOf(task, habits)) });
        } else {
          suspended = mail.suspended;
          owner.tell({ type: 'governed', suspended, reason: mail.reason });
        }
        const starting = suspended ? [] : queue.splice(0, habits.slots - running);
        if (starting.length === 0) return;
        running += starting.length;
        context.schedule(habits.runMs, { type: 'ran', tasks: starting });
      },
    };
  };
  return factory as BehaviourFactory<ExecutorMail>;
}

function usageOf(ms: number) {
  return { cpuMs: ms, wallMs: ms, memoryBytesPeak: 65_536 };
}

function outcomeOf(task: Task, habits: ExecutorHabits): TaskOutcome {
  const output = habits.output?.(task) ?? outputOf(task);
  const digest = (habits.claim ?? outputDigest)(output);
  return { id: task.id, status: 'succeeded', digest, output, usage: usageOf(habits.runMs) };
}

export interface Provider {
  readonly identity: Identity;
  readonly owner: OwnerId;
  readonly given: TaskId[];
  desk: ActorRef<DeskMail | DeskInternal>;
  system: System;
  journal: MemoryJournal;
  readonly payments?: DeskPayments;
  readonly events: Inspection[];
}

export interface Broker {
  readonly identity: Identity;
  readonly news: LeaseNews[];
  readonly store: MemoryContentStore;
  holder: ActorRef<HolderMail | HolderInternal>;
  system: System;
  journal: MemoryJournal;
  readonly payments?: HolderPayments;
}

type Answer = (news: LeaseNews, holder: ActorRef<HolderMail | HolderInternal>) => void;

/** The customer that most tests want: what is returned is durable at once. */
export const acknowledging: Answer = (news, holder) => {
  if (news.type !== 'returned') return;
  holder.tell({ type: 'acknowledge', lease: news.lease, bundle: news.bundle });
};

export function createWorld(seed = 'world'): World {
  return new World(seed);
}

export class World {
  readonly clock = simulatedClock(START_MS);
  /** Where outputs by address are found by whoever asks. */
  readonly blocks = memoryContentStore();
  readonly networks: MemoryNetworks;
  readonly #random: Random;
  readonly #dispatcher: SimulatedDispatcher;
  readonly #owners = new Map<OwnerId, Identity>();

  constructor(seed: string) {
    this.#random = seededRandom(seed);
    const { clock } = this;
    this.#dispatcher = simulatedDispatcher(clock, this.#random);
    this.networks = createMemoryNetworks({ clock, random: this.#random, latency: () => 1 });
  }

  broker(config?: Partial<HolderConfig>, answer?: Answer, payments?: HolderPayments): Broker {
    const store = memoryContentStore({ peers: () => [this.blocks] });
    const broker = { identity: newIdentity(), news: [], store, journal: memoryJournal(), payments };
    return this.#startBroker(broker as unknown as Broker, config, answer);
  }

  /** `paid`: how the node that has this id is paid. */
  provider(
    habits: Partial<ExecutorHabits> = {},
    config?: Partial<DeskConfig>,
    paid?: (peer: PeerId) => DeskPayments,
  ): Provider {
    const ownerIdentity = newIdentity();
    const owner = ownerIdentity.peer as string as OwnerId;
    this.#owners.set(owner, ownerIdentity);
    const identity = newIdentity();
    const own = { owner, given: [], events: [], payments: paid?.(identity.peer) };
    const provider = { identity, journal: memoryJournal(), ...own };
    return this.#startProvider(provider as unknown as Provider, habits, config);
  }

  /** The process dies, and another comes up on its disk. */
  restartBroker(broker: Broker, config?: Partial<HolderConfig>, answer?: Answer): Broker {
    this.networks.crash(broker.identity.peer);
    void broker.system.stop();
    broker.journal = broker.journal.crash();
    return this.#startBroker(broker, config, answer);
  }

  restartProvider(provider: Provider, habits: Partial<ExecutorHabits> = {}): Provider {
    this.crashProvider(provider);
    provider.journal = provider.journal.crash();
    return this.#startProvider(provider, habits);
  }

  crashProvider(provider: Provider): void {
    this.networks.crash(provider.identity.peer);
    void provider.system.stop();
  }

  invite(provider: Provider, broker: Broker, standing = true): void {
    const peer = broker.identity.peer;
    provider.desk.tell({ type: 'invite', broker: peer, addresses: [], standing });
  }

  /** Lets time go by, with all that happens in it. */
  pass(ms: number): Promise<void> {
    return this.#dispatcher.runUntil(this.clock.now() + ms);
  }

  #startBroker(broker: Broker, config: Partial<HolderConfig> = {}, answer: Answer = acknowledging): Broker {
    broker.system = this.systemOf('broker');
    const customer: BehaviourFactory<LeaseNews> = () => ({
      receive(news) {
        broker.news.push(news);
        answer(news, broker.holder);
      },
    });
    const { identity, journal, store, payments } = broker;
    const holder = leaseHolder({
      network: this.networks.join(identity.peer),
      signer: identity.signer,
      verify: verifySignature,
      journal,
      store,
      customer: broker.system.spawn('customer', customer),
      ...(payments && { payments }),
      config: { heartbeatMs: 1_000, lapseAfterMs: 4_000, ...config },
    });
    broker.holder = broker.system.spawn('holder', holder);
    broker.holder.tell({ type: 'demand', wanted: true });
    return broker;
  }

  #startProvider(
    provider: Provider,
    habits: Partial<ExecutorHabits>,
    config: Partial<DeskConfig> = {},
  ): Provider {
    provider.system = this.systemOf('provider', (event) => void provider.events.push(event));
    const { identity, owner, journal, given, payments } = provider;
    const { signer } = this.#owners.get(owner)!;
    const terms = { owner, peer: identity.peer, expiresAt: START_MS + 1e9 };
    const desk = leaseDesk({
      network: this.networks.join(identity.peer),
      signer: { ...identity.signer, ...(habits.sign && { sign: habits.sign }) },
      verify: verifySignature,
      journal,
      ownership: stateOwnership(terms, signer.sign),
      policy: parsePolicy({}),
      ...(payments && { payments }),
      config: { slots: 2, memoryBytes: 2 ** 30, ...config },
      capability: () => capability,
      programs: () => [common.program],
      spawnExecutor: (context) =>
        context.spawn('executor', fakeExecutor(context.self, { runMs: 10, slots: 2, ...habits }, given)),
    });
    provider.desk = provider.system.spawn('desk', desk);
    return provider;
  }

  systemOf(name: string, inspector: (event: Inspection) => void = () => undefined): System {
    const random = this.#random;
    const dispatcher = this.#dispatcher;
    return createSystem({ name, clock: this.clock, random, dispatcher, inspectors: [inspector] });
  }
}

export function newsOf<Type extends LeaseNews['type']>(broker: { news: readonly LeaseNews[] }, type: Type) {
  return broker.news.filter((it): it is Extract<LeaseNews, { type: Type }> => it.type === type);
}

export function leaseOf(broker: Broker, provider: PeerId) {
  return newsOf(broker, 'opened').findLast((it) => it.lease.provider === provider)!.lease.lease;
}

export function returnedTasks(broker: { news: readonly LeaseNews[] }): string[] {
  return newsOf(broker, 'returned').flatMap((it) => it.returns.map(({ task }) => task));
}
