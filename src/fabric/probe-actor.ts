/**
 * Reads a probe again and again, and tells whoever wants to know.
 *
 * The next reading is planned when the last one has come, so a slow probe never runs twice at a time. One
 * that fails is tried again, less and less often, and never given up: a sensor may come back with its driver.
 */

import type { ActorRef, Behaviour, Context, Fault, Milliseconds } from '../actors/index.ts';
import { MINUTE_MS, SECOND_MS, toFault } from '../actors/index.ts';
import { fabricErrors } from './errors.ts';

export interface ProbeSpec<Value> {
  /** For the log and the path of the actor: `cpu`. */
  readonly name: string;
  readonly intervalMs: Milliseconds;
  readonly read: () => Promise<Value>;
}

export type ProbeMail<Value> =
  | { readonly type: 'due' }
  | { readonly type: 'read'; readonly attempt: number; readonly value: Value }
  | { readonly type: 'failed'; readonly attempt: number; readonly fault: Fault };

/** Programs of drivers are known to hang. What comes later than this is not waited for, and not believed. */
const READ_MS_MAX: Milliseconds = 30 * SECOND_MS;

/** A failing probe is asked this often at least: nobody should have to restart a daemon for a loose cable. */
const BACK_OFF_MS_MAX: Milliseconds = 10 * MINUTE_MS;

export function probeBehaviour<Value, Mail>(
  spec: ProbeSpec<Value>,
  to: ActorRef<Mail>,
  toMail: (value: Value) => Mail,
): Behaviour<ProbeMail<Value>> {
  let attempt = 0;
  let failures = 0;
  let stopWaiting = () => {};

  const read = (context: Context<ProbeMail<Value>>) => {
    const mine = ++attempt;
    const late = fabricErrors.FABRIC_PROBE_FAILED({ probe: spec.name, reason: 'it does not answer' });
    stopWaiting = context.schedule(READ_MS_MAX, { type: 'failed', attempt: mine, fault: late });
    context.pipe(
      reading(spec),
      (value) => ({ type: 'read', attempt: mine, value }),
      (fault) => ({ type: 'failed', attempt: mine, fault }),
    );
  };

  return {
    start: read,
    receive(mail, context) {
      if (mail.type === 'due') return read(context);
      if (mail.attempt !== attempt) return;
      stopWaiting();
      // Whatever else comes of this attempt is late.
      attempt += 1;
      if (mail.type === 'read') {
        failures = 0;
        // A full mailbox has older readings to handle: this one is not missed.
        to.tell(toMail(mail.value));
      } else {
        failures += 1;
        const fault = mail.fault.toWire();
        context.inspect({
          topic: 'probe.failed',
          level: 'warn',
          details: { probe: spec.name, failures },
          fault,
        });
      }
      const delayMs = spec.intervalMs * 2 ** Math.min(failures, 30);
      context.schedule(failures === 0 ? spec.intervalMs : Math.min(delayMs, BACK_OFF_MS_MAX), {
        type: 'due',
      });
    },
  };
}

async function reading<Value>({ name, read }: ProbeSpec<Value>): Promise<Value> {
  try {
    return await read();
  } catch (error) {
    throw toFault(error, (details) => fabricErrors.FABRIC_PROBE_FAILED({ probe: name, ...details }, error));
  }
}
