import t from 'tap';
import { duration, size } from '../../src/application/quantity.ts';

t.test('durations and sizes are read with their units', async (t) => {
  const time = duration('1ms', '30d');
  t.same(
    ['250ms', '60s', '2m', '1 h', '3d'].map((text) => time.parse(text)),
    [250, 60_000, 120_000, 3_600_000, 259_200_000],
  );
  const bytes = size('0B', '4GiB');
  t.same(
    ['0B', '64KB', '64KiB', '256MB', '1GiB'].map((text) => bytes.parse(text)),
    [0, 64_000, 65_536, 256_000_000, 1_073_741_824],
  );
});

t.test('anything else is refused with what to write instead', async (t) => {
  const time = duration('1s', '1h');
  for (const text of ['60', 's', '60 seconds', '-1s', '1.5s', '', '2h', '999ms', '1constructor', 60, null]) {
    const { success, error } = time.safeParse(text);
    t.equal(success, false, `${text}`);
    t.equal(error?.issues[0]?.message, 'write a duration from 1s to 1h with its unit (ms, s, m, h, d)');
  }
});
