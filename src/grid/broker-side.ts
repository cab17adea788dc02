/** What a node does as a broker: apps, batches, leases with providers, and telling the world of work. */

import { type ActorRef, ask, type Context, SECOND_MS } from '../actors/index.ts';
import { createTaskApi, pluginPorts, registry, type TaskApi, withinTime } from '../application/index.ts';
import {
  announcer,
  type BatchDeal,
  type BatchId,
  type BrokerMail,
  broker,
  readResults,
  type TreasuryMail,
  treasury,
} from '../collective/index.ts';
import { verifySignature } from '../connectivity/index.ts';
import { createWasmSandbox } from '../fabric/index.ts';
import { leaseHolder } from '../resource/index.ts';
import type { Foundation } from './foundation.ts';
import { holderPayments, treasuryOptions } from './paying.ts';

export interface BrokerSide {
  readonly api: TaskApi;
  /** The deal of a batch; `null` where nothing is paid, or before it is open. */
  deal(batch: BatchId): Promise<BatchDeal | null>;
  close(): Promise<void>;
}

/** A publication is checked by compiling its program; one at a time is enough. */
const CHECKING = { slots: 1, depthPerSlot: 1 };

const READ_MS = 60_000;

const ANSWER_MS = 5 * SECOND_MS;

/** `announced` is called for each accepted batch. */
export function openBrokerSide(base: Foundation, announced: () => void): BrokerSide {
  const { config, clock, random, identity, journal, network, blocks, system } = base;
  const checker = createWasmSandbox({ ...CHECKING, clock })({ outcomes: () => undefined });
  const ports = pluginPorts({ content: blocks, clock });
  const apps = registry({
    journal,
    content: blocks,
    verify: verifySignature,
    validateProgram: (program, bytes) => checker.load(program, bytes),
    read: (cid, bytesMax) => withinTime(clock, READ_MS, (signal) => blocks.get(cid, { bytesMax, signal })),
  });
  const { heartbeatMs, lapseAfterMs } = config.broker;
  const payments = holderPayments(base);
  const purse = openPurse(base);
  const holder = (customer: ActorRef<BrokerMail>) =>
    leaseHolder({
      network,
      signer: identity.signer,
      verify: verifySignature,
      journal,
      store: blocks,
      customer,
      config: { heartbeatMs, lapseAfterMs },
      ...(payments && { payments }),
    });
  const town = system.spawn('announcer', announcer(network));
  const actor = system.spawn(
    'broker',
    broker({
      journal,
      source: ports.source,
      comparator: ports.comparator,
      merger: ports.merger,
      holder: (context) => context.spawn('holder', holder(context.self)),
      announcer: town,
      ...(purse && { treasury: purse.open }),
    }),
  );
  const api = createTaskApi({
    broker: actor,
    registry: apps,
    content: blocks,
    clock,
    random,
    shared: ports.shared,
    readResults: (batch, page) => readResults(journal, batch, page),
    announce: announced,
  });
  return {
    api,
    deal: async (batch) => (await purse?.deal(batch)) ?? null,
    async close() {
      await ports.close();
      await checker.close();
    },
  };
}

interface Purse {
  readonly open: (context: Context<BrokerMail>) => ActorRef<TreasuryMail>;
  deal(batch: BatchId): Promise<BatchDeal | undefined>;
}

/** The treasury is the broker's child, and another one after a crash: it is asked where it is then. */
function openPurse(base: Foundation): Purse | undefined {
  const options = treasuryOptions(base);
  if (options === undefined) return undefined;
  let present: ActorRef<TreasuryMail> | undefined;
  return {
    open(context) {
      present = context.spawn('treasury', treasury({ ...options, broker: context.self }));
      return present;
    },
    async deal(batch) {
      const mail = (reply: (deal: BatchDeal | undefined) => void): TreasuryMail => ({
        type: 'showDeal',
        batch,
        reply,
      });
      const { clock } = base;
      return (
        present && ask<TreasuryMail, BatchDeal | undefined>(present, mail, { timeoutMs: ANSWER_MS, clock })
      );
    },
  };
}
