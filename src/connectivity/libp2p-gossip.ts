/**
 * Gossip over libp2p's gossipsub: signed, validated before relay, bounded in size, counted by neighbour.
 */

import { type Message, TopicValidatorResult } from '@libp2p/gossipsub';
import type { PeerId as Libp2pPeerId } from '@libp2p/interface';
import { type Clock, toFault } from '../actors/index.ts';
import type { GossipMessage, Validity } from './channel.ts';
import { connectivityErrors } from './errors.ts';
import { peerIdFrom } from './libp2p-address.ts';
import type { Host } from './libp2p-host.ts';
import type { NetworkLimits } from './network-limits.ts';

type Deliver = (message: GossipMessage) => void;

const RESULT: Readonly<Record<Validity, TopicValidatorResult>> = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
};

export class Libp2pGossip {
  readonly #host: Host;
  readonly #clock: Clock;
  readonly #limits: NetworkLimits;
  readonly #topics = new Map<string, Deliver>();

  constructor(host: Host, clock: Clock, limits: NetworkLimits) {
    this.#host = host;
    this.#clock = clock;
    this.#limits = limits;
    host.services.pubsub.addEventListener('message', this.#deliver);
  }

  async publish(topic: string, bytes: Uint8Array): Promise<void> {
    const bytesMax = this.#limits.gossipBytesMax;
    if (bytes.byteLength > bytesMax) {
      throw connectivityErrors.CONNECTIVITY_FRAME_TOO_LARGE({ bytes: bytes.byteLength, bytesMax });
    }
    try {
      await this.#host.services.pubsub.publish(topic, bytes);
    } catch (thrown) {
      throw toFault(thrown, (details, cause) =>
        connectivityErrors.CONNECTIVITY_GOSSIP_FAILED({ ...details, topic }, cause),
      );
    }
  }

  subscribe(topic: string, validate: (message: GossipMessage) => Validity, deliver: Deliver): () => void {
    if (this.#topics.has(topic)) throw connectivityErrors.CONNECTIVITY_ALREADY_SERVED({ what: topic });
    const { pubsub } = this.#host.services;
    this.#topics.set(topic, deliver);
    pubsub.topicValidators.set(
      topic,
      (neighbour, message) => RESULT[this.#judge(neighbour, message, validate)],
    );
    pubsub.subscribe(topic);
    return () => {
      if (this.#topics.get(topic) === deliver) this.#leave(topic);
    };
  }

  close(): void {
    for (const topic of [...this.#topics.keys()]) this.#leave(topic);
    this.#host.services.pubsub.removeEventListener('message', this.#deliver);
  }

  #leave(topic: string): void {
    const { pubsub } = this.#host.services;
    this.#topics.delete(topic);
    pubsub.topicValidators.delete(topic);
    // A stopped node has left all its topics, and says so by throwing.
    if (this.#host.status === 'started') pubsub.unsubscribe(topic);
  }

  #judge(from: Libp2pPeerId, message: Message, validate: (message: GossipMessage) => Validity): Validity {
    const { admission } = this.#host.services;
    const neighbour = peerIdFrom(from);
    const now = this.#clock.monotonic();
    if (!admission.gossiped(neighbour, now)) return 'ignore';
    if (message.type !== 'signed' || message.from.type !== 'Ed25519') return 'ignore';
    const publisher = peerIdFrom(message.from);
    if (admission.isBlocked(publisher)) return 'ignore';
    const validity = validate({ from: publisher, bytes: message.data });
    if (validity === 'reject') admission.gossipedInvalid(neighbour, now);
    return validity;
  }

  readonly #deliver = ({ detail }: CustomEvent<Message>): void => {
    if (detail.type !== 'signed') return;
    this.#topics.get(detail.topic)?.({ from: peerIdFrom(detail.from), bytes: detail.data });
  };
}
