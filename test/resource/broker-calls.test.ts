/** How a provider calls brokers, watched through the desk that owns the calls. */

import t from 'tap';
import type { Inspection } from '../../src/actors/index.ts';
import { newIdentity } from '../../src/connectivity/identity.ts';
import { type Grant, leaseProtocol, parsePolicy, signGrant } from '../../src/resource/index.ts';
import { createWorld, newsOf } from './lease-world.ts';

t.test('a broker that is not there yet is called until it is', async (t) => {
  const world = createWorld();
  const broker = world.broker();
  await world.pass(10);
  world.networks.crash(broker.identity.peer);
  const provider = world.provider();
  world.invite(provider, broker);
  await world.pass(20_000);
  world.restartBroker(broker);
  await world.pass(31_000);
  t.equal(newsOf(broker, 'opened').length, 1);
});

t.test('a broker whom the policy denies is not called, until the policy changes', async (t) => {
  const world = createWorld();
  const broker = world.broker();
  const provider = world.provider();
  const deny = [broker.identity.peer];
  provider.desk.tell({ type: 'policy', policy: parsePolicy({ brokers: { deny } }) });
  world.invite(provider, broker);
  await world.pass(10_000);
  t.equal(newsOf(broker, 'opened').length, 0);
  provider.desk.tell({ type: 'policy', policy: parsePolicy({}) });
  await world.pass(10_000);
  t.equal(newsOf(broker, 'opened').length, 1);
});

t.test('a broker without work is left alone for the time it names', async (t) => {
  const world = createWorld();
  const broker = world.broker({ retryAfterMs: 30_000 });
  broker.holder.tell({ type: 'demand', wanted: false });
  const provider = world.provider();
  world.invite(provider, broker);
  await world.pass(5_000);
  broker.holder.tell({ type: 'demand', wanted: true });
  await world.pass(20_000);
  t.equal(newsOf(broker, 'opened').length, 0);
  world.invite(provider, broker);
  await world.pass(2_000);
  t.equal(newsOf(broker, 'opened').length, 1, 'an announcement says that there is work after all');
});

t.test('no more brokers are served than the policy says', async (t) => {
  const world = createWorld();
  const brokers = [world.broker(), world.broker(), world.broker()];
  const provider = world.provider({}, { slots: 8, slotsPerLeaseMax: 1 });
  provider.desk.tell({ type: 'policy', policy: parsePolicy({ leasesMax: 2 }) });
  for (const broker of brokers) {
    world.invite(provider, broker);
    await world.pass(1_000);
  }
  t.equal(brokers.filter((it) => newsOf(it, 'opened').length > 0).length, 2);
});

t.test('a grant that does not answer the offer is refused, and nothing is reserved for it', async (t) => {
  const world = createWorld();
  const liar = newIdentity();
  const network = world.networks.join(liar.peer);
  const provider = world.provider();
  const seen: Inspection[] = [];
  provider.system.inspect((event) => seen.push(event));
  network.serve(leaseProtocol, (channel) => ({
    received() {
      const grant = {
        lease: 'l1.liar',
        epoch: 1,
        broker: liar.peer,
        provider: provider.identity.peer,
        slots: 500,
        lapseAfterMs: 10_000,
        heartbeatMs: 1_000,
        expiresAt: world.clock.now() + 1_000_000,
      } as unknown as Grant;
      channel.send({ type: 'grant', grant: signGrant(grant, liar.signer) });
    },
    closed: () => undefined,
  }));
  provider.desk.tell({ type: 'invite', broker: liar.peer, addresses: [] });
  await world.pass(1_000);
  const refused = seen.find((it) => it.topic === 'lease.refused');
  t.match(refused?.fault, { code: 'RESOURCE_GRANT_INVALID', message: /more slots than were offered/ });
  const broker = world.broker();
  world.invite(provider, broker);
  await world.pass(1_000);
  t.equal(newsOf(broker, 'opened')[0]?.lease.slots, 2);
});
