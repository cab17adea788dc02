/**
 * A provider's dial to a broker, for a first offer or to attach again: at most ten seconds, and its outcome
 * is mail.
 */

import { SECOND_MS } from '../actors/index.ts';
import type { Context, Milliseconds } from '../actors/index.ts';
import type { Address, Network, PeerId } from '../connectivity/index.ts';
import type { DeskInternal, ProviderLink } from './desk-mail.ts';
import { leaseProtocol } from './lease-schema.ts';
import { Link } from './link.ts';

/** A dial with handshake takes 3 ms here and a few round trips anywhere; past this nobody is there. */
const DIAL_MS_MAX: Milliseconds = 10 * SECOND_MS;

type DialContext = Pick<Context<DeskInternal>, 'clock' | 'pipe' | 'self'>;

/** The link says nothing before its `dialled` mail has come. */
export function dialBroker(
  network: Network,
  broker: PeerId,
  addresses: readonly Address[],
  context: DialContext,
): ProviderLink {
  const link: ProviderLink = new Link(context.self, context.clock);
  const controller = new AbortController();
  const cancelTimer = context.clock.after(DIAL_MS_MAX, () => controller.abort());
  const { signal } = controller;
  context.pipe(
    network.dial(broker, leaseProtocol, link.listener, { signal, addresses }),
    (channel) => {
      cancelTimer();
      link.bind(channel);
      return { type: 'dialled', link };
    },
    (fault) => {
      cancelTimer();
      return { type: 'undialled', link, fault };
    },
  );
  return link;
}
