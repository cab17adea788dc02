import { isDeepStrictEqual } from 'node:util';
import t from 'tap';
import {
  newSettlement,
  type Settlement,
  type SettlementEffect,
  type SettlementEvent,
  settlementMachine,
  settlementTold,
  type Statement,
} from '../../src/collective/settlement.ts';
import type { Account, TypedSignature } from '../../src/connectivity/index.ts';
import type { Bytes32, DealId, LedgerCall, Seconds, Terms } from '../../src/resource/index.ts';

const account = (letter: string) => `0x${letter.repeat(40)}` as Account;
const bytes32 = (letter: string) => `0x${letter.repeat(64)}` as Bytes32;
const [ada, berta, liar] = [account('a'), account('b'), account('c')];
const signature = '0x01' as TypedSignature;
const deal = bytes32('d') as string as DealId;
const unit = bytes32('1');
const at = (time: number) => time as Seconds;

const terms: Terms = {
  requester: account('e'),
  agent: account('e'),
  spec: bytes32('5'),
  budget: 1_600n,
  stakeLock: 50n,
  minQuorum: 2,
  workUntil: at(100),
  revealUntil: at(200),
  disputeUntil: at(300),
  redeemUntil: at(400),
  salt: bytes32('0'),
};

function statement(provider: Account, digest: Bytes32, number = 1): Statement {
  return {
    commitment: { deal, provider, number, seal: bytes32('f') },
    signature,
    root: bytes32('9'),
    salt: bytes32('8'),
    testimony: { provider, number, unit, digest, proof: [] },
  };
}

/** Plays events; an intent is answered after the step that wanted it, with `done` unless told otherwise. */
class Play {
  readonly state: Settlement = newSettlement();
  readonly calls: LedgerCall[] = [];
  readonly told: Exclude<SettlementEffect, { type: 'intend' }>[] = [];
  refusals: Record<string, string> = {};

  step(first: SettlementEvent): this {
    const events = [first];
    for (let event = events.shift(); event !== undefined; event = events.shift()) {
      for (const effect of settlementMachine.step(this.state, event, 0).effects) {
        if (effect.type !== 'intend') {
          this.told.push(effect);
          continue;
        }
        this.calls.push(effect.call);
        const { step } = effect;
        const error = this.refusals[step];
        events.push(error === undefined ? { type: 'done', step } : { type: 'refused', step, error });
      }
    }
    return this;
  }

  begin(changes: Partial<Terms> = {}): this {
    return this.step({ type: 'begun', deal, terms: { ...terms, ...changes }, signature });
  }

  join(...providers: Account[]): this {
    for (const provider of providers) this.step({ type: 'joined', provider, acceptance: signature });
    return this;
  }

  clock(...times: number[]): this {
    for (const time of times) this.step({ type: 'clock', time: at(time) });
    return this;
  }

  types(): string[] {
    return this.calls.map(({ type }) => type);
  }
}

const lie: SettlementEvent = {
  type: 'disputed',
  unit,
  statements: [
    statement(ada, bytes32('2')),
    statement(berta, bytes32('2')),
    statement(liar, bytes32('3'), 7),
  ],
};

t.test('a batch without lies is opened, allocated, anchored and closed', async (t) => {
  const play = new Play()
    .begin()
    .join(ada)
    .step({ type: 'ended', root: bytes32('7') })
    .clock(101, 401);
  t.same(play.types(), ['open', 'allocate', 'anchor', 'close']);
  t.match(play.calls[2], { subject: deal, root: bytes32('7') });
  t.equal(play.state.phase, 'closed');
  t.same(
    play.told.map(({ type }) => type),
    ['opened', 'allocated', 'closed'],
  );
});

t.test(
  'no work is given out for money before the deal is open, and none if it cannot be opened',
  async (t) => {
    const play = new Play();
    play.refusals = { open: 'BalanceTooLow' };
    play.begin().join(ada).clock(50, 401);
    t.same(play.types(), ['open']);
    t.same(play.told, [{ type: 'failed', error: 'BalanceTooLow' }]);
    t.equal(play.state.phase, 'failed');
  },
);

t.test('an allocation grows before it is used up, and all together never exceed the budget', async (t) => {
  const play = new Play().begin().join(ada, berta);
  t.match(play.calls[1], {
    type: 'allocate',
    allocations: [{ provider: ada, amount: 100n, acceptance: signature }],
  });
  for (let owed = 0n; owed < 3_000n; owed += 50n) {
    play.step({ type: 'owed', provider: ada, amount: owed });
    let allocated = 0n;
    for (const share of play.state.shares.values()) allocated += share.allocated + share.adding;
    t.ok(allocated <= terms.budget, `${allocated} of ${terms.budget}`);
    const share = play.state.shares.get(ada)!;
    if (allocated < terms.budget) t.ok(share.allocated >= owed, 'it stays ahead of what is owed');
  }
  t.equal(play.state.shares.get(ada)!.allocated + play.state.shares.get(berta)!.allocated, terms.budget);
});

t.test('what was earned by the last bundle is allocated after the end, and nothing beyond it', async (t) => {
  const play = new Play()
    .begin()
    .join(ada, berta)
    .step({ type: 'ended', root: bytes32('7') });
  play.step({ type: 'owed', provider: ada, amount: 130n });
  t.match(play.calls.at(-1), { type: 'allocate', allocations: [{ provider: ada, amount: 30n }] });
  t.equal(play.state.shares.get(berta)!.allocated, 100n);
});

t.test('a batch whose working time is over is told of it once; one that has ended is not', async (t) => {
  const late = new Play().begin().join(ada).clock(50, 101, 201);
  t.same(
    late.told.filter(({ type }) => type === 'expired'),
    [{ type: 'expired' }],
  );
  const done = new Play()
    .begin()
    .step({ type: 'ended', root: bytes32('7') })
    .clock(101);
  t.notOk(done.told.some(({ type }) => type === 'expired'));
});

t.test('that somebody has earned more than there is to allocate is told once', async (t) => {
  const play = new Play().begin().join(ada);
  for (let owed = 0n; owed <= 1_700n; owed += 50n) {
    play.step({ type: 'owed', provider: ada, amount: owed });
    if (owed <= 1_600n) t.notOk(play.state.spent, `${owed} of 1600`);
  }
  t.same(
    play.told.filter(({ type }) => type === 'spent'),
    [{ type: 'spent', budget: 1_600n }],
  );
});

t.test('what was told can be told again from the state', async (t) => {
  t.same(settlementTold(newSettlement()), []);
  const good = new Play().begin().join(ada);
  good.step({ type: 'owed', provider: ada, amount: 9_999n }).clock(101, 401);
  t.same(
    new Set(settlementTold(good.state).map(({ type }) => type)),
    new Set(['opened', 'allocated', 'spent', 'expired', 'closed']),
  );
  for (const told of settlementTold(good.state)) t.ok(good.told.some((it) => isDeepStrictEqual(it, told)));
  const poor = new Play();
  poor.refusals = { open: 'BalanceTooLow' };
  poor.begin();
  t.same(settlementTold(poor.state), poor.told);
});

t.test('providers that join while an allocation is on the way go together in the next one', async (t) => {
  const { state } = new Play().begin();
  const step = (event: SettlementEvent) => settlementMachine.step(state, event, 0).effects;
  t.equal(step({ type: 'joined', provider: ada, acceptance: signature }).length, 1);
  t.same(step({ type: 'joined', provider: berta, acceptance: signature }), []);
  t.same(step({ type: 'joined', provider: liar, acceptance: signature }), []);
  const [told, next] = step({ type: 'done', step: 'allocate 1' });
  t.match(told, { type: 'allocated', provider: ada, allocated: 100n });
  t.match(next, { step: 'allocate 2', call: { allocations: [{ provider: berta }, { provider: liar }] } });
});

t.test('a lie is brought to the chain, each step when its time has come', async (t) => {
  const play = new Play().begin().join(ada, berta, liar);
  const since = play.calls.length;
  const next = () => play.types().slice(since).join(' ');
  play.step(lie);
  t.equal(next(), 'commit commit commit');
  play.clock(100);
  t.equal(next(), 'commit commit commit', 'the deadline belongs to the work');
  play.clock(101);
  t.equal(next(), 'commit commit commit reveal reveal reveal testify testify testify');
  play.step({ type: 'ended', root: bytes32('7') }).clock(300);
  t.notMatch(next(), /settle/);
  play.clock(301);
  t.match(next(), /settle$/);
  play.clock(401);
  t.match(next(), /close$/);
});

t.test('what others have done before counts as done, what is too late is left out', async (t) => {
  const play = new Play();
  play.refusals = {
    [`commit ${ada}/1`]: 'NumberUsed',
    [`reveal ${berta}/1`]: 'BundleRevealed',
    [`commit ${liar}/7`]: 'TooLate',
    [`settle ${unit}`]: 'CaseSettled',
  };
  play.begin().join(ada, berta, liar).step(lie).clock(101, 301, 401);
  const testimonies = play.calls.flatMap((call) =>
    call.type === 'testify' ? [call.testimony.provider] : [],
  );
  t.same(testimonies, [ada, berta]);
  t.equal(play.state.phase, 'closed');
});

t.test('every step is wanted once, whatever is said how often', async (t) => {
  const play = new Play()
    .begin()
    .begin()
    .join(ada, ada)
    .step(lie)
    .step(lie)
    .clock(50, 101, 101, 301, 301, 401, 401);
  const seen = play.calls.map((call) =>
    JSON.stringify(call, (_, it) => (typeof it === 'bigint' ? `${it}` : it)),
  );
  t.equal(new Set(seen).size, seen.length);
});
