/** A node that only remembers: what the faces are tested against. Its members may be changed by a test. */

import { type Inspection, sha256 } from '../../src/actors/index.ts';
import type { AppView, SignedManifest, SubmitRequest, TaskApi } from '../../src/application/index.ts';
import type {
  BatchDeal,
  BatchId,
  BatchNews,
  BatchView,
  ProviderView,
  UnitIndex,
  UnitResult,
} from '../../src/collective/index.ts';
import type { Address, OwnerId, PeerId, PeerView } from '../../src/connectivity/index.ts';
import type { Cid, TaskId } from '../../src/fabric/index.ts';
import { gridErrors } from '../../src/grid/errors.ts';
import type { GridNode, HeldLeaseView, MachineView, ReadingsView, TaskView } from '../../src/grid/node.ts';
import type { Plain } from '../../src/grid/plain.ts';
import type { EarningsView, Epoch, LeaseId } from '../../src/resource/index.ts';

export const PEER = '12D3KooWFakeNodeFakeNodeFakeNodeFakeNode' as PeerId;
export const OTHER_PEER = '12D3KooWOtherNodeOtherNodeOtherNodeOther' as PeerId;
export const OWNER = '12D3KooWOwnerOwnerOwnerOwnerOwnerOwnerOw' as OwnerId;
export const BATCH = 'babcdefghijklmno' as BatchId;

export const EARNINGS = { deals: [], stake: null, balance: '12000' };
export const DEAL = {
  deal: '0x01',
  terms: { budget: '100' },
  provenance: null,
} as unknown as Plain<BatchDeal>;

/** A fixed instant: 2026-01-02T03:04:05Z. */
export const THEN = 1_767_323_045_000;

export class FakeNode implements GridNode {
  readonly batches = new Map<BatchId, BatchView>();
  readonly unitResults: UnitResult[] = [];
  readonly submitted: SubmitRequest[] = [];
  readonly published: SignedManifest[] = [];
  readonly stored = new Map<Cid, Uint8Array>();
  readonly pauses: string[] = [];
  events: Inspection[] = [];
  resumes = 0;
  stopped = false;
  runningTasks: TaskView[] = [task('t1', 'running', 0.42), task('t2', 'queued', null)];
  heldLeases: HeldLeaseView[] = [lease()];
  knownPeers: PeerView[] = [
    { peer: OTHER_PEER, addresses: ['/ip4/10.0.0.7/tcp/4400' as Address], connected: true, roundTripMs: 3 },
  ];
  knownProviders: ProviderView[] = [provider()];
  readonly #listeners = new Set<(event: Inspection) => void>();
  readonly #followers = new Set<(news: BatchNews) => void>();

  readonly content = {
    put: async (bytes: Uint8Array): Promise<Cid> => {
      const cid = `bafk${sha256(bytes).replace(/[0189]/g, 'z')}` as Cid;
      this.stored.set(cid, bytes);
      return cid;
    },
    get: async (cid: Cid): Promise<Uint8Array> => {
      const bytes = this.stored.get(cid);
      if (bytes === undefined) throw gridErrors.GRID_API_FILE_UNKNOWN({ batch: '-', path: cid });
      return bytes;
    },
  };

  readonly api: TaskApi = {
    publish: async (app) => {
      this.published.push(app);
      return appView();
    },
    apps: async () => [appView()],
    submit: async (request) => {
      this.submitted.push(request);
      const view = batchView({ phase: 'open' });
      this.batches.set(view.batch, view);
      return view;
    },
    list: async () => [...this.batches.values()],
    show: async (batch) => this.#batch(batch),
    cancel: async (batch, reason) => {
      const view: BatchView = { ...this.#batch(batch), phase: 'cancelled', reason };
      this.batches.set(batch, view);
      this.tell({ type: 'changed', view });
      return view;
    },
    explain: async (batch, unit) => ({
      batch: this.#batch(batch).batch,
      unit,
      state: 'waiting',
      reasons: ['No provider has a free slot.'],
      replicas: [{ ordinal: 0, provider: OTHER_PEER, state: 'running', since: THEN }],
      candidates: [{ provider: OTHER_PEER, score: 0.5, reasons: ['has the program'] }],
    }),
    providers: async () => this.knownProviders,
    units: async (batch, { after, limit }) => {
      this.#batch(batch);
      const from = after === undefined ? 0 : after + 1;
      return this.unitResults.filter((unit) => unit.unit >= from).slice(0, limit);
    },
    follow: (listener) => {
      this.#followers.add(listener);
      return () => this.#followers.delete(listener);
    },
  };

  get followers(): number {
    return this.#followers.size + this.#listeners.size;
  }

  identity() {
    return {
      peer: PEER,
      owner: OWNER,
      name: 'fake',
      addresses: ['/ip4/127.0.0.1/tcp/4400' as Address],
      version: '0.1.0',
      home: '/home/fake',
      roles: ['provider', 'broker'] as const,
      startedAt: THEN,
    };
  }

  async machine(): Promise<MachineView> {
    const paused = this.pauses.length > this.resumes;
    const reason = paused ? `Paused: ${this.pauses.at(-1)}` : 'The machine is idle.';
    return {
      capability: {
        architecture: 'x64',
        platform: 'linux',
        cpuModel: 'Example 9000',
        cores: 4,
        speed: 1e9,
        memoryBytes: 8 * 2 ** 30,
        storageBytes: 10 * 2 ** 30,
        gpus: [{ vendor: 'Example', model: 'G1', memoryBytes: 2 ** 33, driver: '1.0' }],
        sandboxes: ['wasm'],
      },
      readings: readings(),
      governor: { state: paused ? 'suspend' : 'run', reason, paused },
      slots: 2,
    };
  }

  tasks = async () => this.runningTasks;
  leases = async () => this.heldLeases;
  peers = async () => this.knownPeers;
  credit = async () => ({ tasks: 12, cpuMs: 90_000, operations: 9e10 });
  earned: Plain<EarningsView> = { ...EARNINGS, chain: null };
  earnings = async () => this.earned;
  paid: Plain<BatchDeal> | null = DEAL;
  deal = async (batch: BatchId) => (batch === BATCH ? this.paid : null);

  async pause(reason: string): Promise<void> {
    this.pauses.push(reason);
    this.emit({ topic: 'governor.changed', level: 'info', details: { state: 'suspend', reason } });
  }

  async resume(): Promise<void> {
    this.resumes = this.pauses.length;
    this.emit({ topic: 'governor.changed', level: 'info', details: { state: 'run', reason: 'resumed' } });
  }

  subscribe(listener: (event: Inspection) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  recent(): readonly Inspection[] {
    return this.events;
  }

  async stop(): Promise<void> {
    this.stopped = true;
  }

  emit(event: Inspection): void {
    const stamped = { at: THEN, ...event };
    this.events = [...this.events, stamped].slice(-64);
    for (const listener of this.#listeners) listener(stamped);
  }

  tell(news: BatchNews): void {
    for (const follower of this.#followers) follower(news);
  }

  /** Puts a batch in place and tells its followers. */
  change(view: BatchView): void {
    this.batches.set(view.batch, view);
    this.tell({ type: 'changed', view });
  }

  #batch(batch: BatchId): BatchView {
    const view = this.batches.get(batch);
    if (view === undefined) throw gridErrors.GRID_API_FILE_UNKNOWN({ batch, path: '-' });
    return view;
  }
}

export function batchView(changes: Partial<BatchView> = {}): BatchView {
  return {
    batch: BATCH,
    name: 'bunny',
    app: 'render@1.0.0',
    phase: 'open',
    counts: counts(0),
    submittedAt: THEN,
    endedAt: null,
    reason: null,
    files: [],
    ...changes,
  };
}

export function counts(agreed: number, total = 4): BatchView['counts'] {
  return {
    drawn: total,
    total,
    active: total - agreed,
    agreed,
    failed: 0,
    cancelled: 0,
    replicasAssigned: 2 * total,
    replicasReturned: 2 * agreed,
    replicasLost: 1,
    replicasDisagreed: 1,
  };
}

export function unitResult(index: number): UnitResult {
  const replica = (ordinal: number, provider: PeerId, state: 'agreed' | 'disagreed') => ({
    ordinal,
    provider,
    owner: OWNER,
    lease: 'l1' as LeaseId,
    epoch: 1 as Epoch,
    state,
    digest: sha256(new Uint8Array([index])),
    usage: { cpuMs: 10, wallMs: 12, memoryBytesPeak: 65_536 },
    assignedAt: THEN,
    endedAt: THEN + 12,
  });
  return {
    unit: index as UnitIndex,
    label: `tile ${index}`,
    verdict: 'agreed',
    digest: sha256(new Uint8Array([index])),
    output: { exitCode: 0, stdout: new Uint8Array([index, 255]), files: [] },
    replicas: [replica(0, PEER, 'agreed'), replica(1, OTHER_PEER, index === 0 ? 'disagreed' : 'agreed')],
    decidedAt: THEN + 20,
  };
}

export function task(id: string, state: TaskView['state'], fraction: number | null): TaskView {
  return { task: id as TaskId, lease: 'l1' as LeaseId, state, fraction, startedAt: THEN };
}

export function lease(): HeldLeaseView {
  return {
    lease: 'l1' as LeaseId,
    epoch: 7 as Epoch,
    broker: OTHER_PEER,
    slots: 2,
    running: 1,
    returned: 10,
    attached: true,
  };
}

function readings(): ReadingsView {
  return {
    at: THEN,
    cpuLoad: 0.5,
    coreLoads: [0.25, 0.75, 0.5, 0.5],
    memoryBytesUsed: 4 * 2 ** 30,
    memoryBytesTotal: 8 * 2 ** 30,
    temperatureCelsius: 61,
    storageBytesUsed: 2 ** 30,
    storageBytesMax: 10 * 2 ** 30,
    ownerPresent: false,
    gpus: [{ model: 'G1', load: 0.1, memoryBytesUsed: 2 ** 30, temperatureCelsius: 48 }],
  };
}

function provider(): ProviderView {
  return {
    lease: null,
    leaseId: 'l1' as LeaseId,
    provider: OTHER_PEER,
    owner: OWNER,
    free: 1,
    running: 3,
    agreed: 10,
    disagreed: 0,
    failed: 0,
    lost: 1,
    excluded: null,
  };
}

function appView(): AppView {
  return {
    app: 'render@1.0.0',
    title: 'Render',
    description: 'Path-traces a mesh',
    category: 'graphics',
    author: OWNER,
    publishedAt: THEN,
  };
}
