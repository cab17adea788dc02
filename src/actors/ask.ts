/**
 * A question with a deadline, for whoever is not an actor itself (an API, a test): actors pipe it.
 *
 * The mail carries a `reply` function. A mail that nobody will answer (its actor is full, has stopped, or
 * failed on it) fails the question at once; only silence waits for the deadline.
 */

import type { ActorRef } from './actor-ref.ts';
import { assert } from './assert.ts';
import type { Clock } from './clock.ts';
import { actorsErrors } from './errors.ts';
import { Fault } from './fault.ts';
import type { Milliseconds } from './units.ts';

export interface AskOptions {
  readonly timeoutMs: Milliseconds;
  readonly clock: Clock;
}

/** How to fail the question that a mail carries. Weak: an answered question is forgotten with its mail. */
const pending = new WeakMap<object, (fault: Fault) => void>();

/**
 * Resolves with the first reply. Rejects with the reply when it is a fault, or with `ACTORS_ASK_TIMEOUT`,
 * `ACTORS_ASK_REFUSED` (mailbox full), `ACTORS_ASK_STOPPED`, or the fault of the handler.
 */
export function ask<Mail, Reply>(
  ref: ActorRef<Mail>,
  makeMail: (reply: (answer: Reply | Fault) => void) => Mail,
  { timeoutMs, clock }: AskOptions,
): Promise<Reply> {
  const { path } = ref;
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const settle = () => {
    cancel();
    // Collecting weak entries costs more than everything else in a question.
    pending.delete(mail);
  };
  const fail = (fault: Fault) => {
    settle();
    reject(fault);
  };
  const mail = makeMail((answer) => {
    settle();
    if (answer instanceof Fault) reject(answer);
    else resolve(answer);
  }) as Mail & object;
  assert(typeof mail === 'object' && mail !== null, 'the mail of a question is an object');
  const cancel = clock.after(timeoutMs, () => fail(actorsErrors.ACTORS_ASK_TIMEOUT({ path, timeoutMs })));
  pending.set(mail, fail);
  const delivery = ref.tell(mail);
  if (delivery === 'full') fail(actorsErrors.ACTORS_ASK_REFUSED({ path }));
  if (delivery === 'stopped') fail(actorsErrors.ACTORS_ASK_STOPPED({ path }));
  return promise;
}

/** For the kernel: `mail` will never be answered, because of `fault`. */
export function failQuestion(mail: unknown, fault: () => Fault): void {
  if (typeof mail !== 'object' || mail === null) return;
  const fail = pending.get(mail);
  if (fail === undefined) return;
  fail(fault());
}
