/**
 * A whole grid in one process and one simulated time: the production broker, lease holder and lease desks,
 * over networks, disks, executors and keys that are simulated. Machines can be killed and started, disks are
 * slow, connections break.
 */

import {
  type ActorRef,
  createSystem,
  type Inspection,
  type Journal,
  type MemoryJournal,
  memoryJournal,
  type Random,
  type SimulatedClock,
  type System,
  seededRandom,
  sha256,
  simulatedClock,
  simulatedDispatcher,
} from '../../src/actors/index.ts';
import { type BatchId, type BatchView, type BrokerMail, broker } from '../../src/collective/index.ts';
import {
  createMemoryNetworks,
  type OwnerId,
  type PeerId,
  type VerifySignature,
} from '../../src/connectivity/index.ts';
import { type Capability, memoryContentStore } from '../../src/fabric/index.ts';
import {
  type DeskInternal,
  type DeskMail,
  type HolderMail,
  leaseDesk,
  leaseHolder,
  parsePolicy,
  stateOwnership,
} from '../../src/resource/index.ts';
import { type Character, type Habits, simulatedExecutor } from './executor.ts';
import { Laws } from './laws.ts';
import { comparator, merger, sourceOf, type Work } from './work.ts';

export interface GridOptions {
  readonly seed: string;
  readonly providers: number;
  readonly work: readonly Work[];
  readonly runMs: number;
}

const START_MS = 1_700_000_000_000;
const BROKER = 'broker' as PeerId;

/** Each tenth machine lies, fails, is stuck, slow or keeps crashing; half are well. */
const CHARACTERS: readonly Character[] = [
  'honest',
  'honest',
  'lying',
  'honest',
  'slow',
  'honest',
  'failing',
  'crashing',
  'honest',
  'stuck',
];

export interface SimulatedProvider {
  readonly peer: PeerId;
  readonly owner: OwnerId;
  readonly character: Character;
  readonly slots: number;
  system: System | undefined;
  desk: ActorRef<DeskMail | DeskInternal> | undefined;
  journal: MemoryJournal;
  lives: number;
}

export class SimulatedGrid {
  readonly clock: SimulatedClock = simulatedClock(START_MS);
  readonly random: Random;
  readonly laws: Laws;
  readonly providers: readonly SimulatedProvider[];
  readonly networks: ReturnType<typeof createMemoryNetworks>;
  readonly failures: Inspection[] = [];
  /** What a law threw inside somebody else's handler. */
  broken: unknown;
  readonly #options: GridOptions;
  readonly #dispatcher: ReturnType<typeof simulatedDispatcher>;
  #broker: { system: System; ref: ActorRef<BrokerMail> } | undefined;
  #brokerJournal: MemoryJournal;

  constructor(options: GridOptions) {
    this.#options = options;
    this.random = seededRandom(options.seed);
    this.#dispatcher = simulatedDispatcher(this.clock, this.random);
    this.networks = createMemoryNetworks({
      clock: this.clock,
      random: this.random,
      latency: (_from, _to, random) => 1 + random.below(random.below(20) === 0 ? 500 : 30),
      noticeMs: 8_000,
    });
    this.providers = providersOf(options.providers, () => this.#disk());
    this.laws = new Laws((owner) =>
      this.providers.every((one) => one.owner !== owner || one.character !== 'lying'),
    );
    this.#brokerJournal = this.#disk();
    this.startBroker();
    for (const provider of this.providers) this.startProvider(provider);
  }

  get brokerIsUp(): boolean {
    return this.#broker !== undefined;
  }

  get disk(): Journal {
    return this.#brokerJournal;
  }

  async pass(ms: number): Promise<void> {
    await this.#dispatcher.runUntil(this.clock.now() + ms);
    if (this.broken !== undefined) throw this.broken;
  }

  /** The broker's answer within a second of its time; nothing when it is down, or dies over it. */
  async ask<Answer>(mail: (reply: (answer: Answer) => void) => BrokerMail): Promise<Answer | undefined> {
    let answer: Answer | undefined;
    const reply = (given: Answer): void => {
      answer = given;
    };
    this.#broker?.ref.tell(mail(reply));
    for (let waited = 0; answer === undefined && waited < 1_000; waited += 50) await this.pass(50);
    return answer;
  }

  list(): Promise<readonly BatchView[] | undefined> {
    return this.ask((reply) => ({ type: 'list', reply }));
  }

  async submit({ spec }: Work): Promise<void> {
    const answer = await this.ask<unknown>((reply) => ({
      type: 'submit',
      spec,
      reply: (given) => {
        if (!(given instanceof Error)) this.#guard(() => this.laws.answered(spec.batch));
        reply(given);
      },
    }));
    if (answer === undefined) return;
  }

  cancel(batch: BatchId): Promise<unknown> {
    return this.ask((reply) => ({ type: 'cancel', batch, reason: 'enough', reply }));
  }

  startBroker(): void {
    const system = this.#systemOf('broker');
    const network = this.networks.join(BROKER);
    const journal = this.#brokerJournal;
    const ref = system.spawn(
      'broker',
      broker({
        journal: this.#watched(journal),
        source: sourceOf(this.#options.work),
        comparator,
        merger,
        holder: (context) => {
          const customer: typeof context.self = {
            path: context.self.path,
            tell: (news) => {
              this.#guard(() => this.laws.heard(news as never));
              return context.self.tell(news);
            },
          };
          const holder = context.spawn(
            'leases',
            leaseHolder({
              network,
              signer: signerOf(BROKER),
              verify: verifySignature,
              journal,
              store: memoryContentStore(),
              customer,
              config: { heartbeatMs: 1_000, lapseAfterMs: 4_000, leasesMax: 1_000 },
            }),
            { mailboxMax: 65_536 },
          );
          return {
            path: holder.path,
            tell: (mail: HolderMail) => {
              this.#guard(() => this.laws.said(mail));
              return holder.tell(mail);
            },
          };
        },
      }),
      { mailboxMax: 65_536 },
    );
    this.#broker = { system, ref };
  }

  async crashBroker(powerCut: boolean): Promise<void> {
    const { system } = this.#broker!;
    this.#broker = undefined;
    this.networks.crash(BROKER, { powerCut });
    this.#brokerJournal = this.#brokerJournal.crash();
    this.laws.crashed();
    await system.stop();
  }

  startProvider(provider: SimulatedProvider): void {
    const { peer, owner, slots, character } = provider;
    provider.lives += 1;
    const system = this.#systemOf(peer);
    const habits: Habits = {
      name: peer,
      character,
      slots,
      runMs: this.#options.runMs,
      random: seededRandom(`${this.#options.seed}/${peer}/${provider.lives}`),
    };
    const running = (tasks: number) => this.#guard(() => this.laws.capacity(peer, tasks, slots));
    const expiresAt = START_MS + 1e12;
    provider.system = system;
    provider.desk = system.spawn(
      'desk',
      leaseDesk({
        network: this.networks.join(peer),
        signer: signerOf(peer),
        verify: verifySignature,
        journal: provider.journal,
        ownership: stateOwnership({ owner, peer, expiresAt }, signerOf(owner).sign),
        policy: parsePolicy({}),
        config: { slots, memoryBytes: slots * 2 ** 30 },
        capability: () => capabilityOf(slots),
        programs: () => [],
        spawnExecutor: (context) =>
          context.spawn('executor', simulatedExecutor(context.self, habits, running)),
      }),
    );
    provider.desk.tell({ type: 'invite', broker: BROKER, addresses: [], standing: true });
  }

  async crashProvider(provider: SimulatedProvider, powerCut: boolean): Promise<void> {
    const { system } = provider;
    provider.system = undefined;
    provider.desk = undefined;
    this.networks.crash(provider.peer, { powerCut });
    provider.journal = provider.journal.crash();
    await system?.stop();
  }

  /** Asks every desk for its leases. */
  checkCapacity(): void {
    for (const { desk, peer, slots } of this.providers)
      desk?.tell({
        type: 'show',
        reply: ({ leases }) =>
          this.#guard(() =>
            this.laws.capacity(
              peer,
              leases.reduce((sum, lease) => sum + lease.slots, 0),
              slots,
            ),
          ),
      });
  }

  brokerPeer(): PeerId {
    return BROKER;
  }

  async stop(): Promise<void> {
    await this.#broker?.system.stop();
    for (const { system } of this.providers) await system?.stop();
  }

  #systemOf(name: string): System {
    return createSystem({
      name,
      clock: this.clock,
      random: this.random,
      dispatcher: this.#dispatcher,
      inspectors: [(event) => this.#inspect(event)],
    });
  }

  /** No actor of the production code may fail, whatever happens around it. */
  #inspect(event: Inspection): void {
    if (event.topic !== 'actor.failed') return;
    this.failures.push(event);
    this.broken ??= new Error(`${event.path} failed: ${event.fault?.message}`);
  }

  #disk(): MemoryJournal {
    return memoryJournal({
      sync: () => new Promise((resolve) => this.clock.after(this.random.below(6), resolve)),
    });
  }

  /** Laws see each commit when it is durable, in order, and before anybody is told. */
  #watched(journal: MemoryJournal): Journal {
    return {
      replay: (stream) => journal.replay(stream),
      streams: (prefix) => journal.streams(prefix),
      get: (key) => journal.get(key),
      scan: (prefix, options) => journal.scan(prefix, options),
      close: () => journal.close(),
      commit: (commit) =>
        journal.commit(commit).then(() => this.#guard(() => this.laws.committed(commit, this.clock.now()))),
    };
  }

  /** A broken law must not look like a fault of whoever was watched. */
  #guard(check: () => void): void {
    try {
      check();
    } catch (thrown) {
      this.broken ??= thrown;
    }
  }
}

function providersOf(count: number, disk: () => MemoryJournal): SimulatedProvider[] {
  // One owner in five has two machines.
  const owners = Math.max(3, Math.ceil(count * 0.8));
  return Array.from({ length: count }, (_, index) => ({
    peer: `provider-${index}` as PeerId,
    owner: `owner-${index % owners}` as OwnerId,
    character: CHARACTERS[(index % owners) % CHARACTERS.length]!,
    slots: 1 + (index % 3),
    system: undefined,
    desk: undefined,
    journal: disk(),
    lives: 0,
  }));
}

function capabilityOf(slots: number): Capability {
  return {
    architecture: 'x64',
    platform: 'linux',
    cpuModel: 'simulated',
    cores: slots,
    speed: 1_000_000,
    memoryBytes: slots * 2 ** 30,
    storageBytes: 2 ** 40,
    gpus: [],
    sandboxes: ['wasm'],
  };
}

/** Simulated keys: nobody here forges signatures, and real ones are the same work for no more truth. */
function signerOf<Name extends PeerId | OwnerId>(name: Name) {
  return { peer: name as string as PeerId, sign: (bytes: Uint8Array) => signature(name, bytes) };
}

const verifySignature: VerifySignature = (signer, bytes, given) =>
  Buffer.from(signature(signer, bytes)).equals(given);

function signature(name: string, bytes: Uint8Array): Uint8Array {
  return Buffer.from(sha256(Buffer.concat([Buffer.from(name), bytes])), 'latin1');
}
