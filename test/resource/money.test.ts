import fc from 'fast-check';
import t from 'tap';
import { formatAmount, parseAmount } from '../../src/resource/index.ts';

const MAX = 2n ** 96n - 1n;

t.test('amounts are read to the last digit', (t) => {
  t.equal(parseAmount('1'), 10n ** 18n);
  t.equal(parseAmount('12.5'), 125n * 10n ** 17n);
  t.equal(parseAmount('0.000000000000000001'), 1n);
  t.equal(parseAmount('0'), 0n);
  t.equal(parseAmount('007.10'), 71n * 10n ** 17n);
  // A floating-point number would make 0.1 + 0.2 of it, and lose the last digits of this.
  t.equal(parseAmount('123456789.123456789123456789'), 123456789123456789123456789n);
  t.equal(parseAmount('79228162514.264337593543950335'), MAX, 'the largest');
  t.end();
});

t.test('what is not exactly an amount is none', (t) => {
  const wrongs = ['', ' 1', '1 ', '1.', '.5', '-1', '+1', '1e3', '0x10', '1,5', '1_000', '1.2.3', 'NaN', '١'];
  wrongs.push('0.0000000000000000001', '79228162514.264337593543950336', '100000000000', '9'.repeat(500));
  for (const wrong of wrongs) t.equal(parseAmount(wrong), undefined, wrong.slice(0, 40));
  t.end();
});

t.test('what is written is read back, and written the same', (t) => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: MAX }), (amount) => {
      const text = formatAmount(amount);
      t.equal(parseAmount(text), amount);
      t.match(text, /^(0|[1-9]\d*)(\.\d*[1-9])?$/);
    }),
  );
  t.end();
});

t.test('reading adds as amounts add', (t) => {
  const whole = fc.bigInt({ min: 0n, max: 10n ** 9n });
  const fraction = fc.bigInt({ min: 0n, max: 10n ** 18n - 1n });
  fc.assert(
    fc.property(whole, fraction, (tokens, rest) => {
      const text = `${tokens}.${rest.toString().padStart(18, '0')}`;
      t.equal(parseAmount(text), parseAmount(`${tokens}`)! + rest);
    }),
  );
  t.end();
});
