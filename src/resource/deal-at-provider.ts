/**
 * One deal as the provider under it sees it: a pure machine that says what may be computed.
 *
 *     checking ── checked ──▶ working ◀──────────▶ withheld ── tick ──▶ left
 *         └────────── checked, finally refused ───────────────────────▶ left
 *
 * What always holds: what is owed and not paid for, with the most that the tasks under way can cost, is never
 * more than `unpaidMax`. So tasks are admitted one by one against what is left of it, and wait otherwise.
 * Paid is what a voucher promises within the allocation, nothing else. Nothing new is asked for while there
 * is an objection, while nothing can run for want of payment, or when acknowledged work has gone without a
 * voucher for `patience` intervals; each has its reason.
 */

import type { Fault, Machine, Milliseconds, Step } from '../actors/index.ts';
import type { TaskId } from '../fabric/index.ts';
import { type AccountBook, costOf, earn, follow, owedIn, payable } from './account-book.ts';
import type { DealObjection } from './deal-check.ts';
import { resourceErrors } from './errors.ts';
import type { DealId } from './ledger.ts';

export type ProviderDealPhase = 'checking' | 'working' | 'withheld' | 'left';

export interface ProviderDeal {
  readonly deal: DealId;
  readonly unpaidMax: bigint;
  readonly voucherMs: Milliseconds;
  /** Voucher intervals that may be missed. */
  readonly patience: number;
  phase: ProviderDealPhase;
  book: AccountBook;
  /** By the best voucher, whatever its condition. */
  vouchered: bigint;
  /** On the chain, as last read. */
  allocated: bigint;
  objection: Fault | undefined;
  /** Why no credit is given. */
  withheld: Fault | undefined;
  withheldSince: Milliseconds;
  /** With the executor, or ended and in no bundle: the most that each can cost. */
  readonly admitted: Map<TaskId, bigint>;
  reserved: bigint;
  readonly waiting: Map<TaskId, bigint>;
  /** Owed when a bundle was sealed, by its number; those that no voucher covers. */
  readonly marks: Map<number, bigint>;
  /** Owed at the newest bundle that is acknowledged, and at the newest that a voucher covers. */
  acknowledged: bigint;
  covered: bigint;
  behindSince: Milliseconds | undefined;
}

export type ProviderDealEvent =
  | { readonly type: 'checked'; readonly allocated: bigint; readonly objection?: DealObjection }
  /** The ledger could not be asked. */
  | { readonly type: 'unchecked'; readonly fault: Fault }
  /** The most reference operations of each. */
  | {
      readonly type: 'assigned';
      readonly tasks: readonly { readonly task: TaskId; readonly operations: bigint }[];
    }
  /** Nobody waits for these any more, and no bundle will have them. */
  | { readonly type: 'dropped'; readonly tasks: readonly TaskId[] }
  /** A bundle with these tasks is on its way to the disk, with what they are worth. */
  | {
      readonly type: 'sealed';
      readonly number: number;
      readonly tasks: readonly TaskId[];
      readonly operations: bigint;
    }
  | { readonly type: 'acknowledged'; readonly number: number }
  /** A voucher is verified and durable. */
  | {
      readonly type: 'paid';
      readonly amount: bigint;
      readonly bundles: number;
      readonly covers: number;
    }
  | { readonly type: 'tick' };

export type ProviderDealEffect =
  | { readonly type: 'admit'; readonly tasks: readonly TaskId[] }
  | { readonly type: 'refuse'; readonly task: TaskId; readonly fault: Fault }
  /** No credit from now on, or credit again. */
  | { readonly type: 'withhold'; readonly fault: Fault | undefined }
  | { readonly type: 'leave'; readonly fault: Fault };

/** A broker that has not paid for twice as long as is tolerated will not: its tasks block the machine. */
const LEAVE_TIMES = 2;

interface DealOptions {
  readonly deal: DealId;
  readonly book: AccountBook;
  readonly vouchered: bigint;
  readonly unpaidMax: bigint;
  readonly voucherMs: Milliseconds;
  readonly patience: number;
  /** Bundles that survived a crash and are not acknowledged. */
  readonly kept: readonly number[];
  readonly now: Milliseconds;
}

export function takenDeal({ deal, book, vouchered, kept, now, ...rules }: DealOptions): ProviderDeal {
  const owed = owedIn(book);
  return {
    deal,
    ...rules,
    phase: 'checking',
    book,
    vouchered,
    allocated: 0n,
    objection: undefined,
    withheld: resourceErrors.RESOURCE_DEAL_UNCHECKED({ deal }),
    withheldSince: now,
    admitted: new Map(),
    reserved: 0n,
    waiting: new Map(),
    marks: new Map(kept.map((number) => [number, owed])),
    acknowledged: 0n,
    covered: 0n,
    behindSince: undefined,
  };
}

/** Owed and not covered by a voucher within the allocation; negative if more is promised than owed. */
export function unpaidIn({ book, vouchered, allocated }: ProviderDeal): bigint {
  return owedIn(book) - payable(vouchered, allocated);
}

export const providerDealMachine: Machine<ProviderDeal, ProviderDealEvent, ProviderDealEffect> = {
  name: 'deal-at-provider',
  step(state, event, now): Step<ProviderDeal, ProviderDealEffect> {
    const effects: ProviderDealEffect[] = [];
    if (state.phase === 'left') return { state, effects };
    handle(state, event, now, effects);
    admit(state, effects);
    judge(state, now, effects);
    return { state, effects };
  },
};

function handle(
  state: ProviderDeal,
  event: ProviderDealEvent,
  now: Milliseconds,
  effects: ProviderDealEffect[],
) {
  switch (event.type) {
    case 'checked':
      return checked(state, event.allocated, event.objection, effects);
    case 'unchecked':
      return object(state, event.fault);
    case 'assigned':
      return assigned(state, event.tasks, effects);
    case 'dropped':
      for (const task of event.tasks) release(state, task);
      return;
    case 'sealed':
      return sealed(state, event);
    case 'acknowledged':
      return acknowledged(state, event.number, now);
    case 'paid':
      return paid(state, event, now);
    case 'tick':
      return;
  }
}

/** Allocations only grow: an older answer that comes late takes nothing away. */
function checked(
  state: ProviderDeal,
  allocated: bigint,
  objection: DealObjection | undefined,
  effects: ProviderDealEffect[],
): void {
  if (allocated > state.allocated) state.allocated = allocated;
  object(state, objection?.fault);
  if (objection?.final) leave(state, objection.fault, effects);
}

function object(state: ProviderDeal, fault: Fault | undefined): void {
  state.objection = fault;
  if (state.phase === 'checking') state.phase = 'withheld';
}

type Assigned = Extract<ProviderDealEvent, { type: 'assigned' }>;

function assigned(state: ProviderDeal, tasks: Assigned['tasks'], effects: ProviderDealEffect[]): void {
  for (const { task, operations } of tasks) {
    const cost = costOf(state.book.tariff, operations);
    // Once everything is paid, or while more is promised than that.
    if (cost <= state.unpaidMax || cost <= roomIn(state) + state.reserved) {
      state.waiting.set(task, cost);
    } else {
      const details = { task, cost: String(cost), max: String(state.unpaidMax) };
      effects.push({ type: 'refuse', task, fault: resourceErrors.RESOURCE_TASK_DEAR(details) });
    }
  }
}

function sealed(state: ProviderDeal, { number, tasks, operations }: Sealed): void {
  for (const task of tasks) release(state, task);
  const before = owedIn(state.book);
  state.book = earn(state.book, operations);
  const owed = owedIn(state.book);
  if (owed > before) state.marks.set(number, owed);
}

type Sealed = Extract<ProviderDealEvent, { type: 'sealed' }>;

function acknowledged(state: ProviderDeal, number: number, now: Milliseconds): void {
  state.acknowledged = owedAt(state, number, state.acknowledged);
  if (state.acknowledged > state.covered) state.behindSince ??= now;
}

type Paid = Extract<ProviderDealEvent, { type: 'paid' }>;

/** Any voucher ends the waiting; it begins anew if it leaves acknowledged bundles out. */
function paid(state: ProviderDeal, { amount, bundles, covers }: Paid, now: Milliseconds): void {
  if (amount > state.vouchered) state.vouchered = amount;
  // What is paid for work to come was not owed before.
  if (bundles === 0) state.book = follow(state.book, amount);
  state.covered = owedAt(state, covers, state.covered);
  for (const number of state.marks.keys()) if (number <= covers) state.marks.delete(number);
  state.behindSince = state.acknowledged > state.covered ? now : undefined;
}

/** Owed at the newest marked bundle up to `number`. */
function owedAt({ marks }: ProviderDeal, number: number, otherwise: bigint): bigint {
  let owed = otherwise;
  for (const [marked, at] of marks) if (marked <= number && at > owed) owed = at;
  return owed;
}

/** What else may be computed before more is paid. */
function roomIn(state: ProviderDeal): bigint {
  return state.unpaidMax - unpaidIn(state) - state.reserved;
}

/** In their order, so that a dear task is not overtaken for ever. */
function admit(state: ProviderDeal, effects: ProviderDealEffect[]): void {
  const tasks: TaskId[] = [];
  for (const [task, cost] of state.waiting) {
    if (cost > roomIn(state)) break;
    state.waiting.delete(task);
    state.admitted.set(task, cost);
    state.reserved += cost;
    tasks.push(task);
  }
  if (tasks.length > 0) effects.push({ type: 'admit', tasks });
}

function judge(state: ProviderDeal, now: Milliseconds, effects: ProviderDealEffect[]): void {
  if (state.phase === 'left' || state.phase === 'checking') return;
  const fault = state.objection ?? unpaidFault(state) ?? lateFault(state, now);
  const changed = fault?.code !== state.withheld?.code;
  state.withheld = fault;
  state.phase = fault === undefined ? 'working' : 'withheld';
  if (changed) {
    state.withheldSince = now;
    effects.push({ type: 'withhold', fault });
  } else if (fault?.code === 'RESOURCE_UNPAID') {
    const leaveMs = LEAVE_TIMES * state.patience * state.voucherMs;
    if (now - state.withheldSince > leaveMs) leave(state, fault, effects);
  }
}

/** Only when nothing runs: while something does, the next voucher may be on its way. */
function unpaidFault(state: ProviderDeal): Fault | undefined {
  if (state.waiting.size === 0 || state.admitted.size > 0) return undefined;
  const { deal, book, vouchered, unpaidMax } = state;
  const details = { deal, owed: String(owedIn(book)), paid: String(vouchered), max: String(unpaidMax) };
  return resourceErrors.RESOURCE_UNPAID(details);
}

function lateFault(state: ProviderDeal, now: Milliseconds): Fault | undefined {
  if (state.behindSince === undefined) return undefined;
  const waitedMs = now - state.behindSince;
  if (waitedMs <= state.patience * state.voucherMs) return undefined;
  return resourceErrors.RESOURCE_VOUCHER_LATE({ deal: state.deal, waitedMs });
}

function leave(state: ProviderDeal, fault: Fault, effects: ProviderDealEffect[]): void {
  state.phase = 'left';
  state.withheld = fault;
  effects.push({ type: 'leave', fault });
}

function release(state: ProviderDeal, task: TaskId): void {
  state.waiting.delete(task);
  state.reserved -= state.admitted.get(task) ?? 0n;
  state.admitted.delete(task);
}
