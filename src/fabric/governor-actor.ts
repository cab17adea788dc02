/**
 * The governor at work: readings and the owner's words come as mail, the executor is told what follows.
 *
 * Nothing of it is durable. A daemon that starts again reads the machine again; a pause ends with the daemon,
 * because an owner who restarts it wants to see it work.
 */

import type { ActorRef, Behaviour, Context } from '../actors/index.ts';
import type { ExecutorMail } from './executor.ts';
import type { GovernorEvent, Readings, Verdict } from './governor.ts';
import { governorMachine, governorState } from './governor.ts';
import type { Preferences } from './preferences.ts';

export type GovernorMail =
  | GovernorEvent
  /** For faces: what was read last, and what follows from it. */
  | { readonly type: 'view'; readonly reply: (view: GovernorView) => void };

export interface GovernorView {
  readonly verdict: Verdict;
  /** By the owner's word. */
  readonly paused: boolean;
  readonly readings: Readings;
}

export interface GovernorInit {
  readonly preferences: Preferences;
  /** Tasks that the sandbox can run at the same time. */
  readonly slots: number;
  readonly executor: ActorRef<ExecutorMail>;
}

const NOT_YET: Verdict = { state: 'run', slots: 0, reason: 'The machine has not been read yet.' };

export function governorBehaviour({ preferences, slots, executor }: GovernorInit): Behaviour<GovernorMail> {
  let state = governorState(preferences, slots);
  /** Whether the executor knows the verdict; its mailbox may have been full. */
  let told = true;

  const tell = (context: Context<GovernorMail>) => {
    const { verdict } = state;
    if (told || verdict === undefined) return;
    const suspended = verdict.state === 'suspend';
    const mail = { type: 'govern' as const, suspended, reason: verdict.reason, slots: verdict.slots };
    told = executor.tell(mail) !== 'full';
    if (told) context.inspect({ topic: 'governor.judged', level: 'info', details: { ...verdict } });
  };

  return {
    receive(mail, context) {
      if (mail.type === 'view') {
        const { verdict = { ...NOT_YET, slots }, paused, readings } = state;
        return mail.reply({ verdict, paused: paused !== undefined, readings });
      }
      const step = governorMachine.step(state, mail, context.clock.now());
      state = step.state;
      if (step.effects.length > 0) told = false;
      // Also without a new verdict: an older one may still have to be told.
      tell(context);
    },
  };
}
