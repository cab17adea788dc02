import t from 'tap';
import {
  defaultNetworkLimits,
  type GossipMessage,
  type PeerId,
  type Validity,
} from '../../src/connectivity/index.ts';
import { type LoopbackNode, loopbackNode, untilSubscribers } from './loopback-node.ts';

const TOPIC = 'conun/test';

/**
 * Publishes at each heartbeat until `enough`: a relay passes on to those neighbours only with whom it has
 * agreed so, and they agree at heartbeats. Announcements are repeated for the same reason.
 */
async function publishUntil(
  node: LoopbackNode,
  messages: readonly Uint8Array[],
  enough: Promise<void>,
): Promise<void> {
  const publish = () => {
    for (const bytes of messages) void node.network.publish(TOPIC, bytes);
  };
  const { pubsub } = node.host.services;
  pubsub.addEventListener('gossipsub:heartbeat', publish);
  publish();
  await enough;
  pubsub.removeEventListener('gossipsub:heartbeat', publish);
}

t.test(
  'a message is validated before it is relayed, and its publisher is known behind a relay',
  async (t) => {
    const relay = await loopbackNode(t);
    const bootstrap = relay.network.addresses();
    const publisher = await loopbackNode(t, { bootstrap });
    const reader = await loopbackNode(t, { bootstrap });
    // The two know each other through the relay only.
    let judged = 0;
    const judge = (message: GossipMessage): Validity => {
      judged += 1;
      return message.bytes[0] === 0 ? 'ignore' : 'accept';
    };
    relay.network.subscribe(TOPIC, judge, () => undefined);
    const seen: { from: PeerId; first: number | undefined }[] = [];
    const enough = Promise.withResolvers<void>();
    reader.network.subscribe(
      TOPIC,
      () => 'accept',
      ({ from, bytes }) => {
        seen.push({ from, first: bytes[0] });
        enough.resolve();
      },
    );
    await untilSubscribers(publisher.host, TOPIC);
    await untilSubscribers(relay.host, TOPIC);
    await publishUntil(publisher, [Uint8Array.of(0), Uint8Array.of(1)], enough.promise);
    t.ok(judged >= 2);
    t.ok(seen.every(({ from, first }) => from === publisher.network.self && first === 1));
  },
);

t.test('a neighbour that keeps sending invalid messages is not listened to', async (t) => {
  const honest = await loopbackNode(t);
  const liar = await loopbackNode(t, { bootstrap: honest.network.addresses() });
  let judged = 0;
  const last = Promise.withResolvers<void>();
  honest.network.subscribe(
    TOPIC,
    () => {
      judged += 1;
      if (judged > defaultNetworkLimits.gossipInvalidMax) last.resolve();
      return 'reject';
    },
    () => t.fail('nothing is delivered'),
  );
  await untilSubscribers(liar.host, TOPIC);
  const lies = Array.from({ length: 30 }, (_, index) => Uint8Array.of(index));
  await publishUntil(liar, lies, last.promise);
  t.equal(honest.host.services.admission.gossiped(liar.network.self, performance.now()), false);
});

t.test('messages of a blocked publisher are dropped, and so is what is not signed', async (t) => {
  const relay = await loopbackNode(t);
  const bootstrap = relay.network.addresses();
  const publisher = await loopbackNode(t, { bootstrap });
  const reader = await loopbackNode(t, { bootstrap });
  const heard: number[] = [];
  const enough = Promise.withResolvers<void>();
  relay.network.subscribe(
    TOPIC,
    () => 'accept',
    () => undefined,
  );
  reader.network.block(publisher.network.self);
  reader.network.subscribe(
    TOPIC,
    () => 'accept',
    ({ bytes }) => {
      heard.push(bytes[0]!);
      enough.resolve();
    },
  );
  await untilSubscribers(relay.host, TOPIC);
  await untilSubscribers(publisher.host, TOPIC);
  await publisher.network.publish(TOPIC, Uint8Array.of(1));
  await publishUntil(relay, [Uint8Array.of(2)], enough.promise);
  t.ok(heard.every((one) => one === 2));
});

t.test('publishing with nobody there is no fault, and after the end it is', async (t) => {
  const { network } = await loopbackNode(t);
  await network.publish(TOPIC, Uint8Array.of(1));
  const leave = network.subscribe(
    TOPIC,
    () => 'accept',
    () => undefined,
  );
  await network.close();
  leave();
  await t.rejects(network.publish(TOPIC, Uint8Array.of(1)), { code: 'CONNECTIVITY_NETWORK_CLOSED' });
});

t.test('a publication that libp2p refuses is a fault with its reason', async (t) => {
  const { host, network } = await loopbackNode(t);
  t.intercept(host.services.pubsub, 'publish', { value: () => Promise.reject(new RangeError('not today')) });
  await t.rejects(network.publish(TOPIC, Uint8Array.of(1)), {
    code: 'CONNECTIVITY_GOSSIP_FAILED',
    message: /conun\/test.*not today/,
    retry: true,
  });
});
