import t from 'tap';
import { CLOCK_STEP_NS, TaskChance, TaskTime } from '../../../src/fabric/wasm/determinism.ts';

/** The first eight bytes of AES-256-CTR under SHA-256 of `a`, counter zero, as OpenSSL prints them. */
const PINNED = '3ea02d42ae653a06';

t.test('time goes one step further with each look at it', async (t) => {
  const time = new TaskTime();
  t.equal(time.monotonicNs(), CLOCK_STEP_NS);
  t.equal(time.monotonicNs(), 2n * CLOCK_STEP_NS);
  t.equal(new Date(Number(time.realtimeNs() / 1_000_000n)).toISOString(), '2020-01-01T00:00:00.003Z');
});

t.test('sleep moves time and takes none', async (t) => {
  const time = new TaskTime();
  time.sleep(1_000_000_000n);
  t.equal(time.monotonicNs(), 1_000_000_000n + CLOCK_STEP_NS);
});

t.test('chance is a function of the seed, however it is asked for', async (t) => {
  const take = (seed: string, ...lengths: number[]) => {
    const chance = new TaskChance(seed);
    const pieces = lengths.map((length) => {
      const piece = new Uint8Array(length).fill(9);
      chance.fill(piece);
      return piece;
    });
    return Buffer.concat(pieces).toString('hex');
  };
  t.equal(take('a', 40), take('a', 1, 15, 24));
  t.not(take('a', 40), take('b', 40));
  t.equal(take('a', 8), PINNED);
});
