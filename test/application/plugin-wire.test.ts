import t from 'tap';
import { answers } from '../../src/application/plugin-wire.ts';

t.test('files stay below their folder', async (t) => {
  const files = (path: unknown) => answers.files.safeParse({ type: 'files', files: [[path, 1]] }).success;
  for (const path of ['a', 'a/b.txt', '.hidden', '..a', 'a/...', 'ü']) t.ok(files(path), path);
  for (const path of [
    '',
    '/a',
    'a/',
    'a//b',
    '.',
    '..',
    '../a',
    'a/..',
    'a/../b',
    'a\\b',
    'a\0',
    'x'.repeat(256),
    1,
  ]) {
    t.notOk(files(path), JSON.stringify(path));
  }
});

t.test('units are bounded in every part', async (t) => {
  const unit = (args: unknown, files: unknown, label: unknown) =>
    answers.units.safeParse({ type: 'units', units: [[args, files, label]], end: false }).success;
  t.ok(unit(['a', ''], [['f', 32_768]], 'a label'));
  t.notOk(unit(Array(65).fill('a'), [], ''), 'arguments');
  t.notOk(unit(['x'.repeat(4_097)], [], ''), 'length of an argument');
  t.notOk(unit([], [['f', 32_769]], ''), 'bytes of a file');
  t.notOk(unit([], Array(17).fill(['f', 1]), ''), 'files');
  t.notOk(unit([], [], 'x'.repeat(81)), 'label');
  t.notOk(unit([1], [], ''), 'types');
  const many = { type: 'units', units: Array(513).fill([[], [], '']), end: false };
  t.notOk(answers.units.safeParse(many).success, 'units');
});
