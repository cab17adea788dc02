/**
 * The money of one batch, from the opening of its deal to the refund of what was not spent: a pure machine.
 * docs/money.md tells the whole.
 *
 * What always holds
 * - Every call is an intent with a name of its own, wanted once: said again after a crash, it is done once.
 * - What is allocated, wanted or confirmed, is never more than the budget.
 * - A step of the chain's timetable is wanted only when the chain's own clock says that it is allowed.
 * - Only what a quorum of others contradicts is brought to the chain; a batch without lies costs an opening,
 *   allocations, an anchor and a closing. Providers redeem and release for themselves.
 */

import { type Machine, type Step, unreachable } from '../actors/index.ts';
import type { Account, TypedSignature } from '../connectivity/index.ts';
import type {
  Allocation,
  Bytes32,
  Commitment,
  DealId,
  LedgerCall,
  Seconds,
  Terms,
  Testimony,
} from '../resource/index.ts';

/**
 * `opening`: no work is given out for money yet. `working`. `ended`: the batch is final, deadlines are waited
 * for. `closed` and `failed` are for ever; a deal that `failed` was never opened.
 */
export type SettlementPhase = 'opening' | 'working' | 'ended' | 'closed' | 'failed';

/** One provider's word on a unit, with all that brings it to the chain. */
export interface Statement {
  readonly commitment: Commitment;
  readonly signature: TypedSignature;
  readonly root: Bytes32;
  readonly salt: Bytes32;
  readonly testimony: Testimony;
}

export type SettlementEvent =
  | {
      readonly type: 'begun';
      readonly deal: DealId;
      readonly terms: Terms;
      readonly signature: TypedSignature;
    }
  /** A lease was made under this deal; `0x` where it locks no stake. */
  | { readonly type: 'joined'; readonly provider: Account; readonly acceptance: TypedSignature }
  /** What a provider has earned so far, cumulative: its allocation has to stay ahead of it. */
  | { readonly type: 'owed'; readonly provider: Account; readonly amount: bigint }
  | { readonly type: 'disputed'; readonly unit: Bytes32; readonly statements: readonly Statement[] }
  /** The batch is final; `root` covers its results and their provenance. */
  | { readonly type: 'ended'; readonly root: Bytes32 }
  /** Of the chain's newest block. */
  | { readonly type: 'clock'; readonly time: Seconds }
  | { readonly type: 'done'; readonly step: string }
  | { readonly type: 'refused'; readonly step: string; readonly error: string };

export type SettlementEffect =
  /** `step` is unique within the deal. */
  { readonly type: 'intend'; readonly step: string; readonly call: LedgerCall } | SettlementNewsEffect;

/** What others learn of it. */
export type SettlementNewsEffect =
  | { readonly type: 'opened'; readonly deal: DealId; readonly terms: Terms }
  | { readonly type: 'failed'; readonly error: string }
  | { readonly type: 'allocated'; readonly provider: Account; readonly allocated: bigint }
  /** Somebody has earned more than is left to allocate. */
  | { readonly type: 'spent'; readonly budget: bigint }
  /** Nobody works under it any more, and the batch is not final. */
  | { readonly type: 'expired' }
  | { readonly type: 'closed' };

interface Share {
  readonly acceptance: TypedSignature;
  owed: bigint;
  /** Confirmed on the chain. */
  allocated: bigint;
  /** On the way. */
  adding: bigint;
}

interface Bundle {
  readonly statement: Statement;
  state: 'committing' | 'committed' | 'revealing' | 'revealed' | 'lost';
}

export interface Settlement {
  phase: SettlementPhase;
  deal: DealId | null;
  terms: Terms | null;
  signature: TypedSignature | null;
  time: Seconds;
  readonly shares: Map<Account, Share>;
  /** By provider and number. */
  readonly bundles: Map<string, Bundle>;
  /** What was said of disputed units, by unit. */
  readonly cases: Map<Bytes32, Testimony[]>;
  root: Bytes32 | null;
  /** Why it failed. */
  failure: string | null;
  spent: boolean;
  expired: boolean;
  /** Allocations sent so far: one is on the way at a time, and takes with it all that gathered meanwhile. */
  allocations: number;
  allocating: boolean;
  /** Steps that were wanted, each once, with their calls. */
  readonly wanted: Map<string, LedgerCall>;
  readonly ended: Set<string>;
}

/** So many providers can join before the first has earned anything. */
const SHARES_MIN = 16n;

export function newSettlement(): Settlement {
  return {
    phase: 'opening',
    deal: null,
    terms: null,
    signature: null,
    time: 0 as Seconds,
    shares: new Map(),
    bundles: new Map(),
    cases: new Map(),
    root: null,
    failure: null,
    spent: false,
    expired: false,
    allocations: 0,
    allocating: false,
    wanted: new Map(),
    ended: new Set(),
  };
}

/** All that was told before: whoever begins anew has forgotten it. */
export function settlementTold(state: Settlement): readonly SettlementNewsEffect[] {
  const { phase, deal, terms, failure } = state;
  if (failure !== null) return [{ type: 'failed', error: failure }];
  if (phase === 'opening') return [];
  const told: SettlementNewsEffect[] = [{ type: 'opened', deal: deal!, terms: terms! }];
  for (const [provider, { allocated }] of state.shares)
    if (allocated > 0n) told.push({ type: 'allocated', provider, allocated });
  if (state.spent) told.push({ type: 'spent', budget: terms!.budget });
  if (state.expired) told.push({ type: 'expired' });
  if (phase === 'closed') told.push({ type: 'closed' });
  return told;
}

export const settlementMachine: Machine<Settlement, SettlementEvent, SettlementEffect> = {
  name: 'settlement',
  step(state, event): Step<Settlement, SettlementEffect> {
    const effects: SettlementEffect[] = [];
    apply(state, event, effects);
    if (state.terms !== null) advance(state, state.terms, effects);
    return { state, effects };
  },
};

function apply(state: Settlement, event: SettlementEvent, effects: SettlementEffect[]): void {
  switch (event.type) {
    case 'begun':
      state.deal = event.deal;
      state.terms = event.terms;
      state.signature = event.signature;
      break;
    case 'joined': {
      const { provider, acceptance } = event;
      if (!state.shares.has(provider))
        state.shares.set(provider, { acceptance, owed: 0n, allocated: 0n, adding: 0n });
      break;
    }
    case 'owed': {
      const share = state.shares.get(event.provider);
      if (share !== undefined && event.amount > share.owed) share.owed = event.amount;
      break;
    }
    case 'disputed':
      disputed(state, event.unit, event.statements);
      break;
    case 'ended':
      state.root ??= event.root;
      break;
    case 'clock':
      if (event.time > state.time) state.time = event.time;
      break;
    case 'done':
      state.ended.add(event.step);
      done(state, event.step, effects);
      break;
    case 'refused':
      state.ended.add(event.step);
      refused(state, event.step, event.error, effects);
      break;
    default:
      unreachable(event);
  }
}

function disputed(state: Settlement, unit: Bytes32, statements: readonly Statement[]): void {
  const said = state.cases.get(unit) ?? [];
  state.cases.set(unit, said);
  for (const statement of statements) {
    const { provider } = statement.testimony;
    if (said.some((it) => it.provider === provider && it.digest === statement.testimony.digest)) continue;
    said.push(statement.testimony);
    const key = bundleKey(statement.testimony);
    if (!state.bundles.has(key)) state.bundles.set(key, { statement, state: 'committing' });
  }
}

function done(state: Settlement, step: string, effects: SettlementEffect[]): void {
  const [kind, of = ''] = partsOf(step);
  switch (kind) {
    case 'open':
      state.phase = 'working';
      effects.push({ type: 'opened', deal: state.deal!, terms: state.terms! });
      break;
    case 'allocate':
      state.allocating = false;
      for (const [provider, share] of state.shares) {
        if (share.adding === 0n) continue;
        share.allocated += share.adding;
        share.adding = 0n;
        effects.push({ type: 'allocated', provider, allocated: share.allocated });
      }
      break;
    case 'commit':
      state.bundles.get(of)!.state = 'committed';
      break;
    case 'reveal':
      state.bundles.get(of)!.state = 'revealed';
      break;
    case 'close':
      state.phase = 'closed';
      effects.push({ type: 'closed' });
      break;
  }
}

/** Whoever else did the step first has done it as well; what only we can do is lost with its refusal. */
function refused(state: Settlement, step: string, error: string, effects: SettlementEffect[]): void {
  const [kind, of = ''] = partsOf(step);
  switch (kind) {
    case 'open':
      state.phase = 'failed';
      state.failure = error;
      effects.push({ type: 'failed', error });
      break;
    case 'allocate':
      state.allocating = false;
      for (const share of state.shares.values()) share.adding = 0n;
      break;
    case 'commit':
      // The provider, or somebody for it, was first.
      state.bundles.get(of)!.state = error === 'NumberUsed' ? 'committed' : 'lost';
      break;
    case 'reveal':
      state.bundles.get(of)!.state = error === 'BundleRevealed' ? 'revealed' : 'lost';
      break;
    case 'close':
      state.phase = 'closed';
      effects.push({ type: 'closed' });
      break;
  }
}

/** Everything that is possible now and was not wanted before. */
function advance(state: Settlement, terms: Terms, effects: SettlementEffect[]): void {
  const want = (step: string, call: LedgerCall): void => {
    if (state.wanted.has(step)) return;
    state.wanted.set(step, call);
    effects.push({ type: 'intend', step, call });
  };
  const over = state.phase === 'closed' || state.phase === 'failed';
  if (over) return;
  if (state.phase === 'opening') {
    want('open', { type: 'open', terms, signature: state.signature! });
    return;
  }
  if (state.root !== null) {
    state.phase = 'ended';
    want('anchor', { type: 'anchor', subject: state.deal as string as Bytes32, root: state.root });
  }
  if (state.root === null && state.time > terms.workUntil && !state.expired) {
    state.expired = true;
    effects.push({ type: 'expired' });
  }
  if (allocate(state, terms, want) === 'spent' && !state.spent) {
    state.spent = true;
    effects.push({ type: 'spent', budget: terms.budget });
  }
  dispute(state, terms, want);
  close(state, terms, want);
}

type Want = (step: string, call: LedgerCall) => void;

/** Says when it could not give what it should. */
function allocate(state: Settlement, terms: Terms, want: Want): 'spent' | undefined {
  if (state.allocating || state.time > terms.workUntil) return undefined;
  let spent: 'spent' | undefined;
  let left = terms.budget;
  for (const { allocated } of state.shares.values()) left -= allocated;
  const slice = max(1n, terms.budget / SHARES_MIN);
  const allocations: Allocation[] = [];
  for (const [provider, share] of state.shares) {
    const wanted = state.phase === 'ended' ? share.owed - share.allocated : growth(share, slice);
    const amount = min(left, wanted);
    if (share.owed > share.allocated + max(0n, amount)) spent = 'spent';
    if (amount <= 0n) continue;
    left -= amount;
    share.adding = amount;
    const acceptance = share.allocated === 0n ? share.acceptance : ('0x' as TypedSignature);
    allocations.push({ provider, amount, acceptance });
  }
  if (allocations.length === 0) return spent;
  state.allocating = true;
  state.allocations += 1;
  want(`allocate ${state.allocations}`, { type: 'allocate', terms, allocations });
  return spent;
}

/** Once three quarters are used up: the next slice is there before the provider has to stop. */
function growth({ allocated, owed }: Share, slice: bigint): bigint {
  if (allocated === 0n) return slice;
  return owed * 4n < allocated * 3n ? 0n : max(slice, allocated);
}

function dispute(state: Settlement, terms: Terms, want: Want): void {
  const { time } = state;
  for (const [key, bundle] of state.bundles) {
    const { commitment, signature, root, salt } = bundle.statement;
    const { provider, number } = commitment;
    if (bundle.state === 'committing' && time <= terms.workUntil) {
      want(`commit ${key}`, { type: 'commit', terms, commitment, signature });
    }
    const isRevealing = time > terms.workUntil && time <= terms.revealUntil;
    if (bundle.state === 'committed' && isRevealing) {
      want(`reveal ${key}`, { type: 'reveal', terms, provider, number, root, salt });
    }
  }
  for (const [unit, testimonies] of state.cases) {
    for (const testimony of testimonies) {
      const key = bundleKey(testimony);
      if (state.bundles.get(key)?.state !== 'revealed' || time > terms.disputeUntil) continue;
      want(`testify ${unit} ${key}`, { type: 'testify', terms, testimony });
    }
    if (time > terms.disputeUntil) want(`settle ${unit}`, { type: 'settle', terms, unit });
  }
}

function close(state: Settlement, terms: Terms, want: Want): void {
  const { time } = state;
  const judged = [...state.cases.keys()].every((unit) => state.ended.has(`settle ${unit}`));
  if (time > terms.redeemUntil && judged) want('close', { type: 'close', terms });
}

function bundleKey({ provider, number }: Testimony): string {
  return `${provider}/${number}`;
}

function partsOf(step: string): readonly [string, string?] {
  const space = step.indexOf(' ');
  return space === -1 ? [step] : [step.slice(0, space), step.slice(space + 1)];
}

function min(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

function max(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
