/** What a node does as a broker: apps, batches, leases with providers, and telling the world of work. */

import type { ActorRef } from '../actors/index.ts';
import { createTaskApi, pluginPorts, registry, type TaskApi, withinTime } from '../application/index.ts';
import { announcer, type BrokerMail, broker, readResults } from '../collective/index.ts';
import { verifySignature } from '../connectivity/index.ts';
import { createWasmSandbox } from '../fabric/index.ts';
import { leaseHolder } from '../resource/index.ts';
import type { Foundation } from './foundation.ts';

export interface BrokerSide {
  readonly api: TaskApi;
  close(): Promise<void>;
}

/** A publication is checked by compiling its program; one at a time is enough. */
const CHECKING = { slots: 1, depthPerSlot: 1 };

const READ_MS = 60_000;

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
  const holder = (customer: ActorRef<BrokerMail>) =>
    leaseHolder({
      network,
      signer: identity.signer,
      verify: verifySignature,
      journal,
      store: blocks,
      customer,
      config: { heartbeatMs, lapseAfterMs },
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
    async close() {
      await ports.close();
      await checker.close();
    },
  };
}
