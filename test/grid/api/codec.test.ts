import fc from 'fast-check';
import t from 'tap';
import { fromJson, toJson } from '../../../src/grid/api/codec.ts';

t.test('bytes survive, wherever they are', async (t) => {
  const bytes = fc.uint8Array({ maxLength: 64 }).map((array) => new Uint8Array(array));
  const value = fc.letrec((tie) => ({
    tree: fc.oneof(
      bytes,
      fc.integer(),
      fc.string(),
      fc.constant(null),
      fc.array(tie('tree'), { maxLength: 4 }),
    ),
  })).tree;
  fc.assert(
    fc.property(fc.record({ a: value, b: fc.array(value, { maxLength: 4 }) }), (given) => {
      t.same(fromJson(toJson(given)), given);
    }),
  );
});

t.test('the form is that of DAG-JSON', async (t) => {
  t.equal(toJson({ a: new Uint8Array([255]) }), '{"a":{"/":{"bytes":"/w"}}}');
  t.equal(toJson(Buffer.from([255])), '{"/":{"bytes":"/w"}}', 'a Buffer is bytes like any other');
});

t.test('what only looks like bytes stays what it is', async (t) => {
  for (const value of [
    { '/': { bytes: 3 } },
    { '/': { bytes: 'AA' }, more: 1 },
    { '/': { bytes: 'AA', x: 1 } },
  ]) {
    t.same(fromJson(JSON.stringify(value)), value);
  }
});
