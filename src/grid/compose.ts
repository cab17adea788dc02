/**
 * The composition root: the one place where layers are put together to a node, and the node to what faces
 * see.
 *
 * Ports are bound here and nowhere else. `NodeParts` replaces single pieces, for programs other than the
 * daemon.
 */

import type { Fault, Inspection } from '../actors/index.ts';
import type { TaskApi } from '../application/index.ts';
import type { SandboxFactory } from '../fabric/index.ts';
import { type BrokerSide, openBrokerSide } from './broker-side.ts';
import { openChainLedger } from './chain-ledger.ts';
import type { Config } from './config.ts';
import { gridErrors } from './errors.ts';
import { type Foundation, openFoundation } from './foundation.ts';
import type { OpenLedger } from './money.ts';
import type { GridNode, IdentityView } from './node.ts';
import { plain } from './plain.ts';
import { type MachineSide, openMachineSide } from './machine-side.ts';
import { executorSeat, openProviderSide, type ProviderSide } from './provider-side.ts';
import { VERSION } from './version.ts';

export interface NodeParts {
  /** Wraps the sandbox that this node would use. */
  readonly sandbox?: (honest: SandboxFactory) => SandboxFactory;
  /** Called at most once, when the node cannot go on; it is to be stopped then. */
  readonly failed?: (fault: Fault) => void;
  /** Another ledger than the one on the chain that the configuration names. */
  readonly openLedger?: OpenLedger;
}

/** Rejects with a fault when something is not in order; then nothing is left running. */
export async function startNode(config: Config, parts: NodeParts = {}): Promise<GridNode> {
  const base = await openFoundation(config, {
    failed: (fault) => parts.failed?.(fault),
    openLedger: parts.openLedger ?? openChainLedger,
  });
  try {
    const seat = executorSeat();
    const machine = await openMachineSide(base, seat);
    const wrap = parts.sandbox ?? ((honest) => honest);
    const provider = config.roles.includes('provider')
      ? openProviderSide(base, machine, seat, wrap)
      : undefined;
    const announced = () => provider?.lendToItself();
    const broker = config.roles.includes('broker') ? openBrokerSide(base, announced) : undefined;
    const close = async (): Promise<void> => {
      await provider?.drain();
      await base.system.stop();
      await broker?.close();
      await base.close();
    };
    return nodeView({ base, machine, broker, provider, close });
  } catch (error) {
    await base.close();
    throw error;
  }
}

interface Pieces {
  readonly base: Foundation;
  readonly machine: MachineSide;
  readonly broker: BrokerSide | undefined;
  readonly provider: ProviderSide | undefined;
  readonly close: () => Promise<void>;
}

function nodeView({ base, machine, broker, provider, close }: Pieces): GridNode {
  const startedAt = base.clock.now();
  let closing: Promise<void> | undefined;
  return {
    api: broker?.api ?? noBroker(),
    content: { put: (bytes) => base.blocks.put(bytes), get: (cid, options) => base.blocks.get(cid, options) },
    identity: (): IdentityView => ({
      peer: base.network.self,
      owner: base.owner.peer as unknown as IdentityView['owner'],
      name: base.config.name,
      addresses: base.network.addresses(),
      version: VERSION,
      home: base.config.paths.home,
      roles: base.config.roles,
      startedAt,
    }),
    machine: () => machine.view(),
    tasks: async () => (await provider?.tasks()) ?? [],
    leases: async () => (await provider?.leases()) ?? [],
    peers: async () => base.network.peers(),
    credit: async () => (await provider?.credit()) ?? null,
    earnings: async () => plain((await provider?.earnings()) ?? null),
    deal: async (batch) => plain((await broker?.deal(batch)) ?? null),
    pause: async (reason) => machine.govern({ type: 'pause', reason }),
    resume: async () => machine.govern({ type: 'resume' }),
    subscribe: (listener) => base.subscribe(listener),
    recent: (): readonly Inspection[] => [...base.recent],
    stop: () => {
      closing ??= close();
      return closing;
    },
  };
}

/** A node that brokers nothing answers every verb of a researcher with the same refusal. */
function noBroker(): TaskApi {
  const refuse = () => Promise.reject(gridErrors.GRID_ROLE_MISSING({ role: 'broker' }));
  return {
    publish: refuse,
    apps: refuse,
    submit: refuse,
    list: () => Promise.resolve([]),
    show: refuse,
    cancel: refuse,
    explain: refuse,
    providers: () => Promise.resolve([]),
    units: refuse,
    follow: () => () => undefined,
  };
}
