/**
 * Repeats a broker's announcement while it has open batches, so that providers which come late hear of it
 * too.
 */

import {
  type BehaviourFactory,
  type Context,
  type Fault,
  type Milliseconds,
  SECOND_MS,
  toFault,
} from '../actors/index.ts';
import type { Network } from '../connectivity/index.ts';
import { encodeAnnouncement, WORK_TOPIC } from './announcement.ts';
import type { BatchId, BatchSpec } from './batch.ts';
import type { BatchNews } from './broker-mail.ts';
import { collectiveErrors } from './errors.ts';

export type AnnouncerMail =
  | BatchNews
  /** What to say of a batch: sent when it is submitted or found again after a restart. */
  | { readonly type: 'announce'; readonly spec: BatchSpec }
  | { readonly type: 'soon' }
  | { readonly type: 'again' }
  | { readonly type: 'published' }
  | { readonly type: 'silent'; readonly fault: Fault };

/**
 * A small batch is over before this with the leases that there are, and needs no announcement: one costs
 * milliseconds of this node and of every other, a quarter of what a lone unit takes. Who waits for its first
 * provider waits a second.
 */
const SOON_MS: Milliseconds = 50;

/** Five heartbeats of gossipsub: soon enough for a newcomer, and one small message a node at a time. */
const REPEAT_MS: Milliseconds = 5 * SECOND_MS;

/** Batches told of in one round, taking turns: a broker with thousands is no louder than one with eight. */
const ROUND_MAX = 8;

export function announcer(network: Network): BehaviourFactory<AnnouncerMail> {
  return () => {
    const open = new Map<BatchId, BatchSpec>();
    /** Not said yet. */
    let fresh: BatchId[] = [];
    let timer: (() => void) | undefined;

    const say = (spec: BatchSpec, context: Context<AnnouncerMail>): void => {
      const bytes = encodeAnnouncement({
        broker: network.self,
        addresses: network.addresses(),
        app: spec.app,
        sandbox: spec.requirements.sandbox,
        memoryBytes: spec.requirements.memoryBytes,
        madeAt: context.clock.now(),
      });
      context.pipe(
        network.publish(WORK_TOPIC, bytes),
        () => ({ type: 'published' }),
        (fault) => ({ type: 'silent', fault }),
      );
    };

    const repeat = (context: Context<AnnouncerMail>): void => {
      if (timer === undefined && open.size > 0) timer = context.schedule(REPEAT_MS, { type: 'again' });
    };

    return {
      receive(mail, context) {
        switch (mail.type) {
          case 'announce':
            open.set(mail.spec.batch, mail.spec);
            if (fresh.length === 0) context.schedule(SOON_MS, { type: 'soon' });
            fresh.push(mail.spec.batch);
            break;
          case 'soon':
            for (const batch of fresh) {
              const spec = open.get(batch);
              if (spec) say(spec, context);
            }
            fresh = [];
            break;
          case 'changed':
            if (mail.view.phase !== 'open') open.delete(mail.view.batch);
            break;
          case 'again':
            timer = undefined;
            for (const [batch, spec] of [...open].slice(0, ROUND_MAX)) {
              open.delete(batch);
              open.set(batch, spec);
              say(spec, context);
            }
            break;
          case 'silent':
            context.inspect({
              topic: 'announcement.failed',
              level: 'warn',
              fault: toFault(mail.fault, collectiveErrors.COLLECTIVE_ANNOUNCEMENT_FAILED).toWire(),
            });
            break;
        }
        repeat(context);
      },
    };
  };
}
