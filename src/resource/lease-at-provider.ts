/**
 * One lease as its provider sees it: a pure machine.
 *
 *     granted ── kept ──▶ active ── broke ──▶ detached ── dialled ──▶ attaching ── attached ──▶ active
 *     any ── stale, expiry, release, breach ──▶ ended
 *
 * What always holds: a bundle is durable here before it is sent, and is kept until it is acknowledged;
 * bundles are numbered without gaps; credit is never taken back; a task that has ended is in exactly one
 * bundle. While detached the tasks run on. After a crash of this process the lease starts `detached`, with
 * its kept bundles and no running tasks.
 */

import { MIB, MINUTE_MS } from '../actors/index.ts';
import type { Bytes, Fault, Machine, Milliseconds, Step } from '../actors/index.ts';
import type { TaskId } from '../fabric/index.ts';
import { countForBundle, returnBytes } from './bundling.ts';
import { nextWindow } from './credit-window.ts';
import { resourceErrors } from './errors.ts';
import { LEASE_TASKS_MAX } from './lease-limits.ts';
import type { AssignBundle, BrokerLeaseTalk, ProviderSays, Return } from './lease-wire.ts';
import { isDone, type KeptBundle, type ProviderLease, unacknowledged } from './provider-lease.ts';
import { retryDelay } from './retry.ts';

export type ProviderLeaseEvent =
  /** The grant is durable. */
  | { readonly type: 'kept' }
  | { readonly type: 'said'; readonly message: BrokerLeaseTalk }
  /** Tasks have ended; those this lease does not run are left out. */
  | { readonly type: 'ended'; readonly returns: readonly Return[] }
  /** The end of a turn: what has ended becomes a bundle. */
  | { readonly type: 'flush' }
  /** A bundle is durable. */
  | { readonly type: 'sealed'; readonly kept: KeptBundle }
  /** The stream is gone, or could not be made. `chance` in [0, 1) spreads the retries of many providers. */
  | { readonly type: 'broke'; readonly chance: number }
  | { readonly type: 'dialled' }
  | { readonly type: 'reserved'; readonly held: boolean }
  | { readonly type: 'governed'; readonly suspended: boolean }
  /**
   * `heardAt`: when the channel last carried anything, read or not. `lingerMs`: how long to stay without
   * work.
   */
  | { readonly type: 'tick'; readonly heardAt: Milliseconds; readonly lingerMs: Milliseconds }
  /** Whether work is sure to be paid, where it is for money. */
  | { readonly type: 'withheld'; readonly withheld: boolean }
  /** It is of no use any more. */
  | { readonly type: 'leave'; readonly fault: Fault }
  /** Finish, deliver, then release. */
  | { readonly type: 'drain' };

export type ProviderLeaseEffect =
  | { readonly type: 'say'; readonly message: ProviderSays }
  | { readonly type: 'execute'; readonly bundle: AssignBundle }
  | { readonly type: 'cancel'; readonly tasks: readonly TaskId[] }
  /** Sign these as one bundle and keep it. */
  | { readonly type: 'seal'; readonly number: number; readonly returns: readonly Return[] }
  /** These bundles are not needed any more. */
  | { readonly type: 'forget'; readonly numbers: readonly number[] }
  | { readonly type: 'dial' }
  | { readonly type: 'hang-up'; readonly fault?: Fault }
  /** Reserve again, or give the reservation to others while nothing runs. */
  | { readonly type: 'reserve' }
  | { readonly type: 'unreserve' }
  /** It is over: cancel what runs, give back the reservation, forget everything kept. */
  | { readonly type: 'end'; readonly fault: Fault; readonly tasks: readonly TaskId[] };

/** One step: its time, and what it asks to be done. */
interface Turn {
  readonly now: Milliseconds;
  readonly effects: ProviderLeaseEffect[];
}

/** Unacknowledged outputs held in memory and on disk under one lease; beyond it no more work is asked for. */
const KEPT_BYTES_MAX: Bytes = 64 * MIB;

/** Bundles on their way to the broker's disk: at 512 tasks each, 20 000 tasks a second over 100 ms. */
const BUNDLES_UNDER_WAY = 4;

/** No new work so long before the agreed end, or in the last quarter of a short lease. */
const DRAIN_MS: Milliseconds = 10 * MINUTE_MS;

export const providerLeaseMachine: Machine<ProviderLease, ProviderLeaseEvent, ProviderLeaseEffect> = {
  name: 'lease-at-provider',
  step(state, event, now): Step<ProviderLease, ProviderLeaseEffect> {
    const effects: ProviderLeaseEffect[] = [];
    if (state.phase !== 'ended') handle(state, event, { now, effects });
    return { state, effects };
  },
};

function handle(state: ProviderLease, event: ProviderLeaseEvent, turn: Turn) {
  const { lease, epoch } = state.grant;
  switch (event.type) {
    case 'kept':
      state.phase = 'active';
      say(state, { type: 'accept', lease, epoch }, turn);
      return giveCredit(state, turn);
    case 'said':
      state.heardAt = turn.now;
      return hear(state, event.message, turn);
    case 'ended':
      collect(state, event.returns);
      return isHungry(state) ? giveCredit(state, turn) : undefined;
    case 'flush':
      return flush(state, turn);
    case 'sealed':
      return sealed(state, event.kept, turn);
    case 'broke':
      return detach(state, event.chance, turn);
    case 'dialled':
      return attach(state, turn);
    case 'reserved':
      state.reserved = event.held;
      return giveCredit(state, turn);
    case 'governed':
      state.suspended = event.suspended;
      if (state.phase === 'active') heartbeat(state, turn);
      return giveCredit(state, turn);
    case 'withheld':
      state.withheld = event.withheld;
      return giveCredit(state, turn);
    case 'leave':
      return release(state, event.fault, turn);
    case 'tick':
      return tick(state, event.heardAt, event.lingerMs, turn);
    case 'drain':
      state.draining = true;
      return releaseIfDone(state, 'it is draining', turn);
  }
}

function hear(state: ProviderLease, message: BrokerLeaseTalk, turn: Turn) {
  const { lease, epoch } = state.grant;
  if (message.lease !== lease || message.epoch !== epoch) return breach(state, 'another lease', turn);
  if (message.type === 'stale') {
    return end(state, resourceErrors.RESOURCE_LEASE_STALE({ lease, epoch }), turn);
  }
  if (message.type === 'release') {
    return end(state, resourceErrors.RESOURCE_LEASE_RELEASED({ lease, reason: message.reason }), turn);
  }
  if (message.type === 'attached') return attached(state, message, turn);
  if (state.phase !== 'active') return breach(state, `${message.type} before attached`, turn);
  switch (message.type) {
    case 'assign':
      return take(state, message.bundle, turn);
    case 'cancel': {
      const tasks = message.tasks.filter((task) => state.running.has(task));
      if (tasks.length > 0) turn.effects.push({ type: 'cancel', tasks });
      return;
    }
    case 'acknowledge':
      return acknowledged(state, message.number, turn);
    case 'heartbeat':
      return;
  }
}

function take(state: ProviderLease, bundle: AssignBundle, turn: Turn) {
  const sent = state.received + bundle.tasks.length;
  if (sent > state.limit) {
    const { lease } = state.grant;
    const fault = resourceErrors.RESOURCE_CREDIT_EXCEEDED({ lease, limit: state.limit, sent });
    return release(state, fault, turn);
  }
  for (const { id } of bundle.tasks) {
    if (state.running.has(id)) return breach(state, `${id} was assigned twice`, turn);
    state.running.add(id);
  }
  state.received = sent;
  turn.effects.push({ type: 'execute', bundle });
}

function collect(state: ProviderLease, returns: readonly Return[]) {
  const own = returns.filter(({ task }) => state.running.delete(task));
  for (const returned of own) state.ended.push(returned);
  state.window = nextWindow(state.window, own);
}

/**
 * One bundle at a time is under way to the disk, and a few to the broker: so a lone task leaves at once, and
 * under load bundles grow with the latency of both (after Nagle, RFC 896), which keeps signatures and writes
 * few.
 */
function flush(state: ProviderLease, turn: Turn) {
  if (state.ended.length > 0 && maySeal(state)) {
    state.sealing = state.ended.splice(0, countForBundle(state.ended, returnBytes));
    state.number += 1;
    turn.effects.push({ type: 'seal', number: state.number, returns: state.sealing });
  }
  state.overdue = state.ended.length > 0;
}

function maySeal({ phase, sealing, kept }: ProviderLease): boolean {
  if (sealing.length > 0 || phase === 'granted') return false;
  return phase !== 'active' || kept.length < BUNDLES_UNDER_WAY;
}

function sealed(state: ProviderLease, kept: KeptBundle, turn: Turn) {
  state.sealing = [];
  state.kept.push(kept);
  if (state.phase === 'active') say(state, { type: 'returns', bundle: kept.bundle }, turn);
  if (state.overdue) flush(state, turn);
  giveCredit(state, turn);
}

function acknowledged(state: ProviderLease, number: number, turn: Turn) {
  const numbers = state.kept.map((it) => it.bundle.number).filter((it) => it <= number);
  if (numbers.length === 0) return;
  state.kept.splice(0, numbers.length);
  state.idleSince = turn.now;
  turn.effects.push({ type: 'forget', numbers });
  if (state.overdue) flush(state, turn);
  giveCredit(state, turn);
  if (state.draining || !state.reserved) releaseIfDone(state, 'it has delivered everything', turn);
}

/**
 * The first try comes at once, the others later and later, yet several within the time in which a lease
 * lapses.
 */
function detach(state: ProviderLease, chance: number, turn: Turn) {
  if (state.phase === 'granted') {
    const reason = 'the stream broke before it was accepted';
    return end(state, resourceErrors.RESOURCE_LEASE_RELEASED({ lease: state.grant.lease, reason }), turn);
  }
  if (state.phase === 'active') state.brokeAt = turn.now;
  state.phase = 'detached';
  state.retryAt = turn.now + retryDelay(state.attempts, chance, state.grant.lapseAfterMs / 4);
  state.attempts += 1;
}

function attach(state: ProviderLease, turn: Turn) {
  const { lease, epoch } = state.grant;
  state.phase = 'attaching';
  state.heardAt = turn.now;
  const tasks = [...state.running];
  for (const { task } of state.ended) tasks.push(task);
  for (const { task } of state.sealing) tasks.push(task);
  for (const { bundle } of state.kept) for (const { task } of bundle.returns) tasks.push(task);
  say(state, { type: 'attach', lease, epoch, received: state.received, tasks }, turn);
}

type Attached = Extract<BrokerLeaseTalk, { type: 'attached' }>;

/**
 * Credit starts anew: the broker counts from the same figure, and forgot the old limit with the old stream.
 */
function attached(state: ProviderLease, { drop, sent }: Attached, turn: Turn) {
  if (state.phase !== 'attaching') return breach(state, 'attached without attach', turn);
  state.phase = 'active';
  state.attempts = 0;
  state.received = Math.max(state.received, sent);
  state.limit = state.received;
  const tasks = drop.filter((task) => state.running.delete(task));
  if (tasks.length > 0) turn.effects.push({ type: 'cancel', tasks });
  for (const { bundle } of state.kept) say(state, { type: 'returns', bundle }, turn);
  if (state.reserved) return giveCredit(state, turn);
  turn.effects.push({ type: 'reserve' });
}

/**
 * Whether credit does not wait for the next bundle: what runs and what may still come are less than a quarter
 * of the window.
 */
function isHungry({ grant, window, running, limit, received }: ProviderLease): boolean {
  return running.size + limit - received < (grant.slots * window.perSlot) / 4;
}

/** Raises the limit to what the window allows, unless there is a reason to ask for nothing. */
function giveCredit(state: ProviderLease, turn: Turn) {
  if (state.phase !== 'active' || state.suspended || state.withheld) return;
  if (state.draining || !state.reserved) return;
  const bytes = state.kept.reduce((sum, it) => sum + it.bytes, 0);
  if (bytes > KEPT_BYTES_MAX) return;
  const room = Math.min(state.grant.slots * state.window.perSlot, LEASE_TASKS_MAX - unacknowledged(state));
  const limit = state.received - state.running.size + room;
  if (limit <= state.limit) return;
  state.limit = limit;
  const { lease, epoch } = state.grant;
  say(state, { type: 'credit', lease, epoch, limit }, turn);
}

function tick(state: ProviderLease, heardAt: Milliseconds, lingerMs: Milliseconds, turn: Turn) {
  const { lease, lapseAfterMs, heartbeatMs, expiresAt } = state.grant;
  if (turn.now >= expiresAt) return end(state, resourceErrors.RESOURCE_LEASE_EXPIRED({ lease }), turn);
  const drainMs = Math.min(DRAIN_MS, (expiresAt - state.takenAt) / 4);
  if (turn.now >= expiresAt - drainMs) state.draining = true;
  if (state.phase === 'detached') return waitDetached(state, turn);
  state.heardAt = Math.max(state.heardAt, heardAt);
  if (turn.now - state.heardAt > lapseAfterMs) {
    turn.effects.push({ type: 'hang-up' });
  } else if (state.phase === 'active') {
    if (turn.now - state.saidAt >= heartbeatMs) heartbeat(state, turn);
    if (state.draining) return releaseIfDone(state, 'it is draining', turn);
    if (turn.now - state.idleSince >= lingerMs) releaseIfDone(state, 'it had no work', turn);
  }
}

/**
 * Results are offered until the lease expires; slots are given to others once a broker has been gone for
 * long.
 */
function waitDetached(state: ProviderLease, turn: Turn) {
  const { lapseAfterMs } = state.grant;
  if (
    turn.now - state.brokeAt > lapseAfterMs &&
    state.running.size === 0 &&
    state.ended.length + state.sealing.length === 0
  ) {
    if (isDone(state)) return releaseIfDone(state, 'its broker is gone and nothing is left to deliver', turn);
    if (state.reserved) {
      state.reserved = false;
      turn.effects.push({ type: 'unreserve' });
    }
  }
  if (turn.now < state.retryAt) return;
  state.retryAt = Number.POSITIVE_INFINITY;
  turn.effects.push({ type: 'dial' });
}

function releaseIfDone(state: ProviderLease, reason: string, turn: Turn) {
  if (!isDone(state)) return;
  const fault = resourceErrors.RESOURCE_LEASE_RELEASED({ lease: state.grant.lease, reason });
  if (state.phase === 'active') release(state, fault, turn);
  else if (state.phase === 'detached') end(state, fault, turn);
}

function heartbeat(state: ProviderLease, turn: Turn) {
  const { lease, epoch } = state.grant;
  const running = state.running.size;
  say(state, { type: 'heartbeat', lease, epoch, running, suspended: state.suspended }, turn);
}

function breach(state: ProviderLease, reason: string, turn: Turn) {
  const { lease } = state.grant;
  release(state, resourceErrors.RESOURCE_PROTOCOL_BROKEN({ lease, reason }), turn);
}

/** Ends it from this side, and says so. */
function release(state: ProviderLease, fault: Fault, turn: Turn) {
  const { lease, epoch } = state.grant;
  say(state, { type: 'release', lease, epoch, reason: fault.message.slice(0, 200) }, turn);
  end(state, fault, turn);
}

function end(state: ProviderLease, fault: Fault, turn: Turn) {
  const tasks = [...state.running];
  state.phase = 'ended';
  state.running.clear();
  turn.effects.push({ type: 'end', fault, tasks }, { type: 'hang-up' });
}

function say(state: ProviderLease, message: ProviderSays, turn: Turn) {
  state.saidAt = turn.now;
  turn.effects.push({ type: 'say', message });
}
