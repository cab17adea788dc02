import t from 'tap';
import type { PeerId } from '../../src/connectivity/index.ts';
import { BrokerBook } from '../../src/resource/broker-book.ts';

const a = 'a' as PeerId;
const once = { broker: a, addresses: [] };
const standing = { ...once, standing: true };

function dueAt(book: BrokerBook, now: number): string[] {
  return book.due(now).map(({ broker }) => broker);
}

t.test('a broker is called once until the outcome is known', async (t) => {
  const book = new BrokerBook();
  book.invite(once, 0);
  t.same(dueAt(book, 0), ['a']);
  book.invite(once, 1);
  t.same(dueAt(book, 10_000), []);
});

t.test('who declines is forgotten, unless it stands', async (t) => {
  const book = new BrokerBook();
  book.invite(once, 0);
  dueAt(book, 0);
  book.declined(a, 5_000, 0);
  t.equal(book.size, 0);
  book.invite(standing, 0);
  dueAt(book, 0);
  book.declined(a, 5_000, 0);
  t.same(dueAt(book, 4_999), []);
  t.same(dueAt(book, 5_000), ['a']);
  book.declined(a, 1e12, 5_000);
  t.same(dueAt(book, 5_000 + 600_000), ['a'], 'nobody is put off for ever');
});

t.test('an invitation ends the waiting, but not more than once a second', async (t) => {
  const book = new BrokerBook();
  book.invite(standing, 0);
  dueAt(book, 0);
  book.declined(a, 60_000, 0);
  book.invite(once, 10);
  t.same(dueAt(book, 999), []);
  t.same(dueAt(book, 1_000), ['a']);
});

t.test(
  'who cannot be reached is tried later and later, and at last forgotten unless it stands',
  async (t) => {
    const book = new BrokerBook();
    book.invite(once, 0);
    for (let failure = 0; failure < 6; failure++) {
      dueAt(book, failure * 60_000);
      book.failed(a, 0, failure * 60_000);
    }
    t.equal(book.size, 0);
    book.invite(standing, 0);
    for (let failure = 0; failure < 50; failure++) {
      dueAt(book, failure * 60_000);
      book.failed(a, 0.9, failure * 60_000);
    }
    t.equal(book.size, 1);
  },
);

t.test('a flood of announcements is bounded, and does not displace who stands', async (t) => {
  const book = new BrokerBook();
  book.invite(standing, 0);
  for (let index = 0; index < 5_000; index++) book.invite({ ...once, broker: `b${index}` as PeerId }, 0);
  t.equal(book.size, 1_024);
  t.ok(book.find(a));
});

t.test('it knows when somebody is to be called next', async (t) => {
  const book = new BrokerBook();
  t.equal(book.dueAt, Number.POSITIVE_INFINITY);
  book.invite(standing, 5);
  book.invite({ ...standing, broker: 'b' as PeerId }, 3);
  t.equal(book.dueAt, 3);
  t.same(dueAt(book, 3), ['b']);
  t.equal(book.dueAt, 5);
  t.same(dueAt(book, 5), ['a']);
  t.equal(book.dueAt, Number.POSITIVE_INFINITY, 'both are called');
  book.declined(a, 2_000, 10);
  t.equal(book.dueAt, 2_010);
  book.failed('b' as PeerId, 0, 10);
  t.equal(book.dueAt, 60);
  book.served(standing);
  t.same(dueAt(book, 60), ['b']);
});
