/**
 * One lease as its broker sees it: a pure machine.
 *
 *     granted ── accept ──▶ active ◀── attach ──┐
 *        └──────── broke ─────┴──── broke ──▶ detached
 *     any ── silence, expiry, release, breach ──▶ ended
 *
 * What always holds: no more tasks are sent than the provider gave credit for; nothing said under another
 * epoch changes anything; a task is returned at most once, and only while it is assigned; after `ended`
 * nothing happens. A restarted broker starts from `detached` with no memory of its assignments: the
 * provider's `attach` lists them, and the customer, who has them in its journal, decides which it still
 * wants.
 */

import { assert } from '../actors/index.ts';
import type { Fault, Machine, Milliseconds, Step } from '../actors/index.ts';
import type { Task, TaskId } from '../fabric/index.ts';
import { resourceErrors } from './errors.ts';
import { LEASE_TASKS_MAX } from './lease-limits.ts';
import type { BrokerSays, Grant, ProviderLeaseTalk, ReturnBundle } from './lease-wire.ts';

export type BrokerPhase = 'granted' | 'active' | 'detached' | 'ended';

export interface BrokerLease {
  readonly grant: Grant;
  phase: BrokerPhase;
  /** Whether the customer has been told of it. */
  opened: boolean;
  /** After a restart, until the provider has attached: `assigned` and `sent` are not known. */
  recalled: boolean;
  /** Assignments that may ever be sent, and that have been. */
  limit: number;
  sent: number;
  /** Sent and not returned. */
  assigned: Set<TaskId>;
  /** Given by the customer before it knew of less credit; sent as soon as there is some. */
  waiting: Task[];
  /** Newest bundle taken in (not known after a restart), and newest one that is durable at the customer. */
  accepted: number | undefined;
  acknowledged: number;
  heardAt: Milliseconds;
  saidAt: Milliseconds;
}

export type BrokerLeaseEvent =
  | { readonly type: 'said'; readonly message: ProviderLeaseTalk }
  | { readonly type: 'broke' }
  | { readonly type: 'assign'; readonly tasks: readonly Task[] }
  | { readonly type: 'cancel'; readonly tasks: readonly TaskId[] }
  | { readonly type: 'acknowledge'; readonly number: number }
  /**
   * `heardAt`: when the channel last carried anything, read or not. `absentMs`: how long this process itself
   * was not running; nobody's silence is counted for it.
   */
  | { readonly type: 'tick'; readonly heardAt: Milliseconds; readonly absentMs: Milliseconds }
  /** From this side: the customer's wish, an exclusion, or a breach found in a bundle. */
  | { readonly type: 'end'; readonly fault: Fault };

export type BrokerLeaseEffect =
  | { readonly type: 'say'; readonly message: BrokerSays }
  | { readonly type: 'send'; readonly tasks: readonly Task[] }
  /** Check signature and outputs; then report it, or end the lease. */
  | { readonly type: 'examine'; readonly bundle: ReturnBundle }
  | { readonly type: 'tell-opened' }
  | { readonly type: 'tell-credit'; readonly free: number }
  | { readonly type: 'tell-attached'; readonly tasks: readonly TaskId[] }
  | { readonly type: 'hang-up'; readonly fault: Fault }
  /** Keep that it is over, and tell the customer if it knew of the lease. */
  | { readonly type: 'end'; readonly fault: Fault; readonly opened: boolean };

/** One step: its time, and what it asks to be done. */
interface Turn {
  readonly now: Milliseconds;
  readonly effects: BrokerLeaseEffect[];
}

export function grantedLease(grant: Grant, now: Milliseconds): BrokerLease {
  return {
    grant,
    phase: 'granted',
    opened: false,
    recalled: false,
    limit: 0,
    sent: 0,
    assigned: new Set(),
    waiting: [],
    accepted: 0,
    acknowledged: 0,
    heardAt: now,
    saidAt: now,
  };
}

/** A lease of before a restart: silence is counted from now, since nobody could be heard meanwhile. */
export function recalledLease(grant: Grant, now: Milliseconds): BrokerLease {
  return {
    ...grantedLease(grant, now),
    phase: 'detached',
    opened: true,
    recalled: true,
    accepted: undefined,
  };
}

/** Assignments the customer may still make. */
export function freeCredit(state: BrokerLease): number {
  if (state.phase !== 'active') return 0;
  return Math.max(0, state.limit - state.sent - state.waiting.length);
}

export const brokerLeaseMachine: Machine<BrokerLease, BrokerLeaseEvent, BrokerLeaseEffect> = {
  name: 'lease-at-broker',
  step(state, event, now): Step<BrokerLease, BrokerLeaseEffect> {
    const effects: BrokerLeaseEffect[] = [];
    if (state.phase !== 'ended') handle(state, event, { now, effects });
    return { state, effects };
  },
};

function handle(state: BrokerLease, event: BrokerLeaseEvent, turn: Turn) {
  switch (event.type) {
    case 'said':
      return hear(state, event.message, turn);
    case 'broke':
      return detach(state, turn);
    case 'assign':
      assert(state.waiting.length + event.tasks.length <= LEASE_TASKS_MAX, 'assignments far over credit');
      for (const task of event.tasks) state.waiting.push(task);
      return pump(state, turn);
    case 'cancel':
      return cancel(state, event.tasks, turn);
    case 'acknowledge':
      return acknowledge(state, event.number, turn);
    case 'tick':
      return tick(state, event, turn);
    case 'end':
      return end(state, event.fault, true, turn);
  }
}

function hear(state: BrokerLease, message: ProviderLeaseTalk, turn: Turn) {
  const { lease, epoch } = message.type === 'returns' ? message.bundle : message;
  if (lease !== state.grant.lease || epoch !== state.grant.epoch) {
    turn.effects.push({ type: 'say', message: { type: 'stale', lease, epoch } });
    return;
  }
  state.heardAt = turn.now;
  switch (message.type) {
    case 'accept':
      if (state.phase !== 'granted') return breach(state, 'it accepted a second time', turn);
      state.phase = 'active';
      return open(state, turn);
    case 'attach':
      return attach(state, message, turn);
    case 'release': {
      const fault = resourceErrors.RESOURCE_LEASE_RELEASED({ lease, reason: message.reason });
      return end(state, fault, false, turn);
    }
    case 'credit':
      if (state.phase !== 'active') return breach(state, 'it gave credit before it accepted', turn);
      return credit(state, message.limit, turn);
    case 'returns':
      if (state.phase !== 'active') return breach(state, 'it returned before it accepted', turn);
      return take(state, message.bundle, turn);
    case 'heartbeat':
      return;
  }
}

type Attach = Extract<ProviderLeaseTalk, { type: 'attach' }>;

/**
 * Both sides count on from the larger of their two figures: the one of them that lost its memory learns it,
 * and assignments that were on the way are used up. Credit starts anew with the next `credit`.
 */
function attach(state: BrokerLease, { received, tasks }: Attach, turn: Turn) {
  if (!state.recalled && received > state.sent) {
    return breach(state, 'it claims assignments that were never sent', turn);
  }
  const { lease, epoch } = state.grant;
  const drop = state.recalled ? [] : tasks.filter((task) => !state.assigned.has(task));
  const gone = new Set(drop);
  state.assigned = new Set(tasks.filter((task) => !gone.has(task)));
  state.sent = Math.max(state.sent, received);
  state.limit = state.sent;
  state.waiting = [];
  state.recalled = false;
  state.phase = 'active';
  say(state, { type: 'attached', lease, epoch, drop, sent: state.sent }, turn);
  open(state, turn);
  turn.effects.push({ type: 'tell-attached', tasks });
}

function credit(state: BrokerLease, limit: number, turn: Turn) {
  if (limit <= state.limit) return;
  state.limit = Math.min(limit, state.sent + LEASE_TASKS_MAX);
  pump(state, turn);
  turn.effects.push({ type: 'tell-credit', free: freeCredit(state) });
}

/** Sends what the credit allows. */
function pump(state: BrokerLease, turn: Turn) {
  if (state.phase !== 'active' || state.waiting.length === 0) return;
  const tasks = state.waiting.splice(0, state.limit - state.sent);
  if (tasks.length === 0) return;
  state.sent += tasks.length;
  for (const task of tasks) state.assigned.add(task.id);
  state.saidAt = turn.now;
  turn.effects.push({ type: 'send', tasks });
}

/**
 * A bundle seen before is acknowledged again if it is durable. The first one after a restart sets the count,
 * so a bundle may reach the customer a second time then, and only then.
 */
function take(state: BrokerLease, bundle: ReturnBundle, turn: Turn) {
  const { number, returns } = bundle;
  const expected = state.accepted === undefined ? number : state.accepted + 1;
  if (number < expected) return acknowledge(state, state.acknowledged, turn);
  if (number > expected) return breach(state, 'a bundle is missing', turn);
  for (const { task } of returns) {
    if (!state.assigned.delete(task)) return breach(state, `${task} was not assigned`, turn);
  }
  state.accepted = number;
  turn.effects.push({ type: 'examine', bundle });
}

function acknowledge(state: BrokerLease, number: number, turn: Turn) {
  state.acknowledged = Math.max(state.acknowledged, number);
  if (state.phase !== 'active' || state.acknowledged === 0) return;
  const { lease, epoch } = state.grant;
  say(state, { type: 'acknowledge', lease, epoch, number: state.acknowledged }, turn);
}

/** Best effort: a task that still waits for credit is sent and runs. */
function cancel(state: BrokerLease, ids: readonly TaskId[], turn: Turn) {
  const tasks = ids.filter((id) => state.assigned.has(id));
  if (state.phase !== 'active' || tasks.length === 0) return;
  const { lease, epoch } = state.grant;
  say(state, { type: 'cancel', lease, epoch, tasks }, turn);
}

type Tick = Extract<BrokerLeaseEvent, { type: 'tick' }>;

function tick(state: BrokerLease, { heardAt, absentMs }: Tick, turn: Turn) {
  const { lease, epoch, provider, lapseAfterMs, heartbeatMs, expiresAt } = state.grant;
  if (turn.now >= expiresAt) return end(state, resourceErrors.RESOURCE_LEASE_EXPIRED({ lease }), true, turn);
  state.heardAt = Math.min(turn.now, Math.max(state.heardAt, heardAt) + absentMs);
  const silentMs = turn.now - state.heardAt;
  if (silentMs > lapseAfterMs) {
    return end(state, resourceErrors.RESOURCE_LEASE_SILENT({ provider, silentMs }), true, turn);
  }
  if (state.phase === 'active' && turn.now - state.saidAt >= heartbeatMs) {
    say(state, { type: 'heartbeat', lease, epoch }, turn);
  }
}

function detach(state: BrokerLease, turn: Turn) {
  if (state.phase === 'detached') return;
  state.phase = 'detached';
  if (state.opened) turn.effects.push({ type: 'tell-credit', free: 0 });
}

function open(state: BrokerLease, turn: Turn) {
  if (state.opened) return;
  state.opened = true;
  turn.effects.push({ type: 'tell-opened' });
}

function breach(state: BrokerLease, reason: string, turn: Turn) {
  const fault = resourceErrors.RESOURCE_PROTOCOL_BROKEN({ lease: state.grant.lease, reason });
  end(state, fault, true, turn);
}

/** `tellPeer`: false when it was the provider who ended it. */
function end(state: BrokerLease, fault: Fault, tellPeer: boolean, turn: Turn) {
  const { lease, epoch } = state.grant;
  if (tellPeer && state.phase !== 'detached') {
    turn.effects.push({ type: 'say', message: { type: 'release', lease, epoch, reason: fault.code } });
  }
  if (state.phase !== 'detached') turn.effects.push({ type: 'hang-up', fault });
  state.phase = 'ended';
  state.assigned.clear();
  state.waiting = [];
  turn.effects.push({ type: 'end', fault, opened: state.opened });
}

function say(state: BrokerLease, message: BrokerSays, turn: Turn) {
  state.saidAt = turn.now;
  turn.effects.push({ type: 'say', message });
}
