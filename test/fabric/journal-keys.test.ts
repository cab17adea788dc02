import t from 'tap';
import {
  entryKey,
  entryRange,
  isStreamName,
  nameIn,
  numberText,
  parseEntryKey,
  parseNumber,
  prefixRange,
  rowKey,
} from '../../src/fabric/journal-keys.ts';

const within = (key: string, { gte, lt }: { gte: string; lt: string }) => {
  const [at, from, to] = [key, gte, lt].map((text) => Buffer.from(text));
  return Buffer.compare(at!, from!) >= 0 && Buffer.compare(at!, to!) < 0;
};

t.test('numbers sort as text as they do as numbers, and come back', async (t) => {
  const numbers = [0, 1, 35, 36, 1_000, 46_656, 2 ** 31, 2 ** 50];
  const texts = numbers.map(numberText);
  t.same([...texts].sort(), texts);
  t.same(texts.map(parseNumber), numbers);
});

t.test('the key of an entry names its stream and number', async (t) => {
  t.same(parseEntryKey(entryKey('batch/1-a', 77)), { stream: 'batch/1-a', number: 77 });
});

t.test('the range of a stream holds its entries and nobody else’s', async (t) => {
  const range = entryRange('batch/1', 5);
  t.ok(within(entryKey('batch/1', 5), range));
  t.ok(within(entryKey('batch/1', 2 ** 40), range));
  t.notOk(within(entryKey('batch/1', 4), range));
  for (const other of ['batch/10', 'batch/1-', 'batch/1/x', 'batch/0']) {
    t.notOk(within(entryKey(other, 7), range), other);
  }
  t.notOk(within(entryKey('batch/1', 9), entryRange('batch/1', 5, 9)), 'the end is exclusive');
});

t.test('a prefix finds all keys of its kind that begin with it', async (t) => {
  const range = prefixRange('r', 'lease/');
  t.ok(within(rowKey('lease/'), range));
  t.ok(within(rowKey('lease/\u{10fffe}x'), range));
  t.notOk(within(rowKey('lease0'), range));
  t.notOk(within(entryKey('lease/1', 0), range));
  t.equal(nameIn(rowKey('lease/1')), 'lease/1');
});

t.test('a stream name is short and plain', async (t) => {
  for (const name of ['a', 'batch/1', 'A-z_0.9/', 'x'.repeat(128)]) t.ok(isStreamName(name), name);
  for (const name of ['', 'a b', 'a\0', 'é', 'x'.repeat(129)]) t.notOk(isStreamName(name), name);
});
