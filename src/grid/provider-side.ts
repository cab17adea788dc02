/**
 * What a node does as a provider: it hears of work, leases its slots to brokers, and runs tasks in sandboxes.
 */

import { type ActorRef, ask, MINUTE_MS, SECOND_MS } from '../actors/index.ts';
import { decodeAnnouncement, judgeAnnouncement, WORK_TOPIC } from '../collective/index.ts';
import { type Address, type OwnerId, type PeerId, verifySignature } from '../connectivity/index.ts';
import { createWasmSandbox, type ExecutorMail, executorActor, type SandboxFactory } from '../fabric/index.ts';
import {
  type CashierMail,
  cashier,
  type DeskMail,
  type DeskView,
  type EarningsView,
  leaseDesk,
  parsePolicy,
  stateOwnership,
} from '../resource/index.ts';
import { cashierOptions, deskPayments } from './earning.ts';
import { gridErrors } from './errors.ts';
import type { Foundation } from './foundation.ts';
import type { MachineSide } from './machine-side.ts';
import type { CreditView, HeldLeaseView, TaskView } from './node.ts';

export interface ProviderSide {
  /** The broker of this node has work; gossip does not come back to who said it. */
  lendToItself(): void;
  tasks(): Promise<readonly TaskView[]>;
  leases(): Promise<readonly HeldLeaseView[]>;
  credit(): Promise<CreditView>;
  /** `null` on a machine that works for credit alone. */
  earnings(): Promise<EarningsView | null>;
  /** Takes no new work, and delivers what there is. */
  drain(): Promise<void>;
}

/** Tasks waiting beside a running one: what the largest credit of a lease puts there. */
const DEPTH_PER_SLOT = 512;

/**
 * A year. The owner's word is renewed at each start; a machine that was given away stops counting some day.
 */
const OWNERSHIP_MS = 365 * 24 * 60 * MINUTE_MS;

const ANSWER_MS = 5 * SECOND_MS;

/**
 * A daemon that is told to end waits this long for its last receipts to be acknowledged; they are durable
 * anyway.
 */
const DRAIN_MS = SECOND_MS;

/**
 * The executor is the desk's child, and another one after a crash: this is where the present one is found.
 */
export interface ExecutorSeat extends ActorRef<ExecutorMail> {
  present: ActorRef<ExecutorMail> | undefined;
}

export function executorSeat(): ExecutorSeat {
  const seat: ExecutorSeat = {
    path: '/executor',
    present: undefined,
    tell: (mail) => seat.present?.tell(mail) ?? 'accepted',
  };
  return seat;
}

/** Rejects with a fault when policy or configured brokers are not valid. */
export function openProviderSide(
  base: Foundation,
  machine: MachineSide,
  seat: ExecutorSeat,
  wrap: (honest: SandboxFactory) => SandboxFactory,
): ProviderSide {
  const { config, clock, identity, owner, journal, network, blocks, system } = base;
  const { slots, memoryPerSlot } = config.provider;
  const peer = network.self;
  const terms = { owner: owner.peer as string as OwnerId, peer, expiresAt: clock.now() + OWNERSHIP_MS };
  const sandbox = wrap(createWasmSandbox({ slots, depthPerSlot: DEPTH_PER_SLOT, clock }));
  const payments = deskPayments(config, base.money, { peer, speed: machine.capability.speed });
  const desk = system.spawn(
    'desk',
    leaseDesk({
      network,
      signer: identity.signer,
      verify: verifySignature,
      journal,
      ownership: stateOwnership(terms, (bytes) => owner.signer.sign(bytes)),
      policy: parsePolicy(config.provider.policy),
      config: { slots, memoryBytes: slots * memoryPerSlot },
      capability: () => machine.capability,
      programs: () => [],
      ...(payments && { payments }),
      spawnExecutor(context) {
        seat.present = context.spawn(
          'executor',
          executorActor({ sandbox, store: blocks, owner: context.self }),
        );
        return seat.present;
      },
    }),
  );
  const till = openTill(base);
  hearOfWork(base, desk);
  for (const address of config.provider.brokers)
    desk.tell({ type: 'invite', standing: true, ...brokerAt(address) });
  const lendToItself = () => void desk.tell({ type: 'invite', standing: true, broker: peer, addresses: [] });
  if (config.roles.includes('broker')) lendToItself();
  const show = () =>
    ask<DeskMail, DeskView>(desk, (reply) => ({ type: 'show', reply }), { timeoutMs: ANSWER_MS, clock });
  return {
    lendToItself,
    async tasks() {
      const { tasks } = await show();
      return tasks.map(({ task, lease, fraction }, place) => ({
        task,
        lease,
        state: place < slots ? 'running' : 'queued',
        fraction,
        startedAt: null,
      }));
    },
    async leases() {
      const { leases } = await show();
      return leases.map(({ phase, ...lease }) => ({ ...lease, attached: phase === 'active' }));
    },
    async credit() {
      const { metered } = await show();
      const { succeeded, cpuMs, credit } = metered;
      return { tasks: succeeded, cpuMs, operations: Number(credit) };
    },
    async earnings() {
      if (till === undefined) return null;
      const mail = (reply: (view: EarningsView) => void): CashierMail => ({ type: 'show', reply });
      return ask<CashierMail, EarningsView>(till, mail, { timeoutMs: ANSWER_MS, clock });
    },
    async drain() {
      const mail = (reply: () => void): DeskMail => ({ type: 'drain', done: reply });
      await ask<DeskMail, void>(desk, mail, { timeoutMs: DRAIN_MS, clock }).catch(() => undefined);
    },
  };
}

/** Whoever is promised pay has it redeemed. */
function openTill(base: Foundation): ActorRef<CashierMail> | undefined {
  const options = cashierOptions(base, base.money);
  return options && base.system.spawn<CashierMail>('cashier', cashier(options));
}

function hearOfWork({ network, clock }: Foundation, desk: ActorRef<DeskMail>): void {
  network.subscribe(
    WORK_TOPIC,
    (message) => judgeAnnouncement(message, clock.now()),
    ({ bytes }) => {
      const heard = decodeAnnouncement(bytes);
      if (heard === undefined) return;
      const { broker, addresses, app } = heard;
      desk.tell({ type: 'invite', broker, addresses, labels: [app] });
    },
  );
}

function brokerAt(address: string): { readonly broker: PeerId; readonly addresses: readonly Address[] } {
  const [, broker] = /\/p2p\/(\w+)$/.exec(address) ?? [];
  if (broker !== undefined) return { broker: broker as PeerId, addresses: [address as Address] };
  const reason = `${address} does not end in /p2p/<peer>`;
  throw gridErrors.GRID_CONFIG_INVALID({ source: 'the configuration', member: 'provider.brokers', reason });
}
