/**
 * A gossip topic with a schema: values in, values out. Who speaks is proven by the network (every message is
 * signed by its publisher); what is said is checked here before it is relayed. This layer does not know what
 * it means.
 */

import { decode, encode } from '../actors/index.ts';
import type { GossipMessage, Network, PeerId, Validity } from './channel.ts';

export interface TopicOptions<Value> {
  /** `conun/batches/1`. */
  readonly name: string;
  /** Throws on anything that is not exactly of the schema; such messages are rejected. */
  readonly parse: (value: unknown) => Value;
  /** The form that travels, if it is another. */
  readonly encode?: (value: Value) => unknown;
}

export interface Heard<Value> {
  /** Who signed it, not who relayed it. */
  readonly from: PeerId;
  readonly value: Value;
}

export interface Topic<Value> {
  readonly name: string;
  publish(network: Network, value: Value): Promise<void>;
  /**
   * `validate` runs before relay, on values of the schema; without it all are accepted. Returns what ends it.
   */
  subscribe(
    network: Network,
    deliver: (heard: Heard<Value>) => void,
    validate?: (heard: Heard<Value>) => Validity,
  ): () => void;
}

export function topic<Value>(options: TopicOptions<Value>): Topic<Value> {
  const read = (message: GossipMessage): Heard<Value> | undefined => {
    try {
      return { from: message.from, value: options.parse(decode(message.bytes)) };
    } catch {
      return undefined;
    }
  };
  return {
    name: options.name,
    publish: (network, value) => network.publish(options.name, encode(options.encode?.(value) ?? value)),
    subscribe: (network, deliver, validate = () => 'accept') =>
      network.subscribe(
        options.name,
        (message) => {
          const heard = read(message);
          return heard === undefined ? 'reject' : validate(heard);
        },
        (message) => {
          // Read again rather than kept: gossip is rare, and what waits between validation and delivery has
          // no bound.
          const heard = read(message);
          if (heard !== undefined) deliver(heard);
        },
      ),
  };
}
