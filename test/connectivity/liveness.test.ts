import fc from 'fast-check';
import t from 'tap';
import {
  type LivenessEffect,
  type LivenessEvent,
  livenessMachine,
  livenessNextAt,
  livenessOf,
  livenessStart,
} from '../../src/connectivity/index.ts';

const bounds = { suspectAfterMs: 10, deadAfterMs: 30, keysMax: 3 };
const machine = livenessMachine<string>(bounds);

function run(steps: readonly (readonly [at: number, event: LivenessEvent<string>])[]) {
  let state = livenessStart<string>();
  const said: string[] = [];
  for (const [at, event] of steps) {
    const { state: next, effects } = machine.step(state, event, at);
    state = next;
    for (const effect of effects) said.push(`${at} ${line(effect)}`);
  }
  return { state, said };
}

const line = (effect: LivenessEffect<string>) =>
  `${effect.type} ${effect.key}${'silentMs' in effect ? ` ${effect.silentMs}` : ''}`;
const tick = { type: 'tick' } as const;
const watch = (key: string) => ({ type: 'watch', key }) as const;
const heard = (key: string) => ({ type: 'heard', key }) as const;

t.test('silence makes suspect, then dead; a sign of life in between recovers', (t) => {
  const { said, state } = run([
    [0, watch('a')],
    [0, watch('b')],
    [9, tick],
    [10, tick],
    [15, heard('a')],
    [29, tick],
    [30, tick],
  ]);
  t.same(said, [
    '10 suspected a 10',
    '10 suspected b 10',
    '15 recovered a 15',
    '29 suspected a 14',
    '30 died b 30',
  ]);
  t.equal(livenessOf(state, 'a'), 'suspect');
  t.equal(livenessOf(state, 'b'), 'dead');
  t.end();
});

t.test('a late tick says both things in order', (t) => {
  t.same(
    run([
      [0, watch('a')],
      [100, tick],
    ]).said,
    ['100 suspected a 100', '100 died a 100'],
  );
  t.end();
});

t.test('the dead and the unknown are not heard, until they are watched again', (t) => {
  const { said, state } = run([
    [0, heard('stranger')],
    [0, watch('a')],
    [100, tick],
    [101, heard('a')],
    [102, tick],
    [103, watch('a')],
  ]);
  t.same(said, ['100 suspected a 100', '100 died a 100']);
  t.equal(livenessOf(state, 'a'), 'alive');
  t.equal(livenessOf(state, 'stranger'), 'dead');
  t.end();
});

t.test('who is forgotten is not spoken of, and makes room', (t) => {
  const { said } = run([
    [0, watch('a')],
    [0, watch('b')],
    [0, watch('c')],
    [0, watch('d')],
    [1, { type: 'forget', key: 'a' }],
    [1, watch('d')],
    [100, { type: 'forget', key: 'd' }],
    [100, { type: 'forget', key: 'b' }],
    [100, tick],
  ]);
  t.same(said, ['0 refused d', '100 suspected c 100', '100 died c 100']);
  t.end();
});

t.test('the next tick is when the first of them is due', (t) => {
  t.equal(livenessNextAt(bounds, livenessStart()), undefined);
  t.equal(
    livenessNextAt(
      bounds,
      run([
        [5, watch('a')],
        [7, watch('b')],
      ]).state,
    ),
    15,
  );
  t.equal(
    livenessNextAt(
      bounds,
      run([
        [5, watch('a')],
        [7, watch('b')],
        [16, tick],
      ]).state,
    ),
    17,
  );
  t.equal(
    livenessNextAt(
      bounds,
      run([
        [5, watch('a')],
        [16, tick],
      ]).state,
    ),
    35,
  );
  t.end();
});

t.test('bounds that contradict each other are a programmer error', (t) => {
  t.throws(() => livenessMachine({ suspectAfterMs: 30, deadAfterMs: 30, keysMax: 1 }));
  t.throws(() => livenessMachine({ suspectAfterMs: 0, deadAfterMs: 30, keysMax: 1 }));
  t.end();
});

t.test('against a naive model: every verdict is what the silence says', (t) => {
  const moves = fc.array(
    fc.tuple(
      fc.constantFrom('watch', 'heard', 'forget', 'tick'),
      fc.constantFrom('a', 'b'),
      fc.nat({ max: 15 }),
    ),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(moves, (steps) => {
      let state = livenessStart<string>();
      const model = new Map<string, number>();
      let now = 0;
      for (const [type, key, passedMs] of steps) {
        now += passedMs;
        // The model forgets the dead at each tick only, as the machine does.
        state = machine.step(
          state,
          (type === 'tick' ? tick : { type, key }) as LivenessEvent<string>,
          now,
        ).state;
        if (type === 'watch' || (type === 'heard' && model.has(key))) model.set(key, now);
        if (type === 'forget') model.delete(key);
        if (type !== 'tick') continue;
        for (const [one, at] of model) {
          const silentMs = now - at;
          const verdict = silentMs >= 30 ? 'dead' : silentMs >= 10 ? 'suspect' : 'alive';
          if (livenessOf(state, one) !== verdict) return false;
          if (verdict === 'dead') model.delete(one);
        }
      }
      return true;
    }),
  );
  t.end();
});
