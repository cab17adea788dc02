/** `docs/states.md` says no state and no event that the machines do not have, and leaves no state out. */

import { readFileSync } from 'node:fs';
import t from 'tap';
import { diagramsOf, textsOf, typesOf } from './diagrams.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** Where the states and the events of each machine are named. */
const MACHINES: Record<string, { states: [string, string]; events: [string, string] }> = {
  'Lease at the provider': {
    states: ['src/resource/provider-lease.ts', 'ProviderPhase'],
    events: ['src/resource/lease-at-provider.ts', 'ProviderLeaseEvent'],
  },
  'Lease at the broker': {
    states: ['src/resource/lease-at-broker.ts', 'BrokerPhase'],
    events: ['src/resource/lease-at-broker.ts', 'BrokerLeaseEvent'],
  },
  'Deal at the provider': {
    states: ['src/resource/deal-at-provider.ts', 'ProviderDealPhase'],
    events: ['src/resource/deal-at-provider.ts', 'ProviderDealEvent'],
  },
  Batch: {
    states: ['src/collective/batch.ts', 'BatchPhase'],
    events: ['src/collective/batch-state.ts', 'BatchEvent'],
  },
  Settlement: {
    states: ['src/collective/settlement.ts', 'SettlementPhase'],
    events: ['src/collective/settlement.ts', 'SettlementEvent'],
  },
  Unit: {
    states: ['src/collective/unit-state.ts', 'verdict'],
    events: ['src/collective/unit-state.ts', 'UnitEvent'],
  },
  Replica: {
    states: ['src/collective/replica.ts', 'ReplicaState'],
    events: ['src/collective/unit-state.ts', 'UnitEvent'],
  },
  Liveness: {
    states: ['src/connectivity/liveness.ts', 'Liveness'],
    events: ['src/connectivity/liveness.ts', 'LivenessEvent'],
  },
  Governor: {
    states: ['src/fabric/governor.ts', 'state'],
    events: ['src/fabric/governor.ts', 'GovernorEvent'],
  },
  Executor: {
    states: ['src/fabric/executor-machine.ts', 'Phase'],
    events: ['src/fabric/executor-machine.ts', 'ExecutorEvent'],
  },
};

const diagrams = diagramsOf(read('docs/states.md'));

t.test('each machine has its diagram', async (t) => {
  t.same(diagrams.map(({ title }) => title).sort(), Object.keys(MACHINES).sort());
});

for (const { title, states, events, unreachable } of diagrams) {
  t.test(`${title}: states and events are those of the code`, async (t) => {
    const { states: stated, events: named } = MACHINES[title]!;
    const known = textsOf(read(stated[0]), stated[1]);
    t.ok(known.size > 1, `the states of ${title} were found`);
    t.same([...states].sort(), [...known].sort());
    const types = typesOf(read(named[0]), named[1]);
    t.ok(types.size > 1, `the events of ${title} were found`);
    t.same(
      [...events].filter((event) => !types.has(event)),
      [],
    );
    t.same(unreachable, []);
  });
}
