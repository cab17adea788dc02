import fc from 'fast-check';
import t from 'tap';
import { costOf, earn, follow, openBook, owedIn, payable } from '../../src/resource/account-book.ts';

const amounts = fc.bigInt(0n, 10n ** 20n);

t.test('what is owed does not depend on how the work was bundled, and is never rounded up', async () => {
  const property = fc.property(amounts, fc.array(amounts, { maxLength: 20 }), (tariff, parts) => {
    const whole = parts.reduce((sum, part) => sum + part, 0n);
    const book = parts.reduce(earn, openBook(tariff, 7n));
    return owedIn(book) === owedIn(earn(openBook(tariff, 7n), whole)) && owedIn(book) - 7n <= tariff * whole;
  });
  fc.assert(property);
});

t.test('no work adds more to what is owed than its cost', async () => {
  const property = fc.property(amounts, amounts, amounts, (tariff, before, operations) => {
    const book = earn(openBook(tariff, 0n), before);
    return owedIn(earn(book, operations)) - owedIn(book) <= costOf(tariff, operations);
  });
  fc.assert(property);
});

t.test('a tariff is for 10^12 reference operations', async (t) => {
  t.equal(owedIn(earn(openBook(5n, 0n), 2n * 10n ** 12n)), 10n);
  t.equal(owedIn(earn(openBook(5n, 0n), 10n ** 11n)), 0n);
  t.equal(costOf(5n, 10n ** 11n), 1n);
});

t.test('a book follows a payment up, and no payment down', async (t) => {
  const book = earn(openBook(1n, 0n), 10n ** 13n);
  t.equal(owedIn(follow(book, 12n)), 12n);
  t.equal(follow(book, 9n), book);
  t.equal(owedIn(earn(follow(book, 12n), 10n ** 12n)), 13n);
});

t.test('of a promise, the market pays what is allocated', async (t) => {
  t.equal(payable(5n, 7n), 5n);
  t.equal(payable(7n, 5n), 5n);
});
