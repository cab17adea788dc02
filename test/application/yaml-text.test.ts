import t from 'tap';
import { z } from 'zod';
import { readYaml } from '../../src/application/yaml-text.ts';

const schema = z.strictObject({ list: z.array(z.strictObject({ n: z.int('write a whole number') })) });

t.test('the message names file, line, column and member, whatever the nesting', async (t) => {
  t.throws(() => readYaml('a.yaml', 'list:\n  - n: 1\n  - n: two\n', schema), {
    message: 'a.yaml, line 3, column 8: list.1.n: is not valid ("two"); write a whole number.',
  });
  t.throws(() => readYaml('a.yaml', 'list:\n  - n: 1\n  - {}\n', schema), {
    message: /a\.yaml, line 3, column 5: list\.1\.n: is missing/,
  });
});

t.test('values are plain data, whatever tags say', async (t) => {
  t.throws(() => readYaml('a.yaml', 'list: !!js/function "x"', schema), { code: 'APPLICATION_FILE_INVALID' });
  t.same(readYaml('a.yaml', 'list: [{ n: 1 }]', schema), { list: [{ n: 1 }] });
  const open = z.record(z.string(), z.unknown());
  t.equal(Object.getPrototypeOf(readYaml('a.yaml', '__proto__: { polluted: true }', open)), Object.prototype);
});
