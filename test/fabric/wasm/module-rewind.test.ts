import t from 'tap';
import { shapeModule } from '../../../src/fabric/wasm/module-shape.ts';
import { assemble } from '../../fixtures/assembler.ts';

/** Which globals have to be set for rewinding a module with these parts. */
const rewindable = (parts: string, body = '') =>
  shapeModule(
    assemble(`(module (memory (export "memory") 1) ${parts} (func (export "_start") ${body}))`),
    () => false,
  ).rewindable;

t.test('mutable globals of number types are exported, constants are not', async (t) => {
  const globals = `(global i32 (i32.const 1)) (global $a (mut i32) (i32.const 1)) (global f64 (f64.const 1))
    (global $b (mut i64) (i64.const 2)) (global $c (mut f32) (f32.const 3))
    (global $d (mut f64) (f64.const 4))`;
  const use = '(global.set $a (i32.const 0)) (global.set $b (i64.const 0)) (global.set $c (f32.const 0))';
  t.same(rewindable(globals, `${use} (global.set $d (f64.const 0))`), [1, 3, 4, 5]);
  t.same(rewindable(''), []);
});

t.test('what a host cannot put back is not rewound', async (t) => {
  const table = '(table $t 2 funcref) (elem $e (i32.const 0) func $f) (func $f)';
  const bodies: Readonly<Record<string, readonly [parts: string, body: string]>> = {
    'a start function': ['(func $s) (start $s)', ''],
    'a vector that changes': ['(global $v (mut v128) (v128.const i32x4 0 0 0 0))', ''],
    'a reference that changes': ['(global $r (mut funcref) (ref.null func))', ''],
    'table.set': [table, '(table.set $t (i32.const 0) (ref.null func))'],
    'table.grow': [table, '(drop (table.grow $t (ref.null func) (i32.const 1)))'],
    'table.fill': [table, '(table.fill $t (i32.const 0) (ref.null func) (i32.const 1))'],
    'table.copy': [table, '(table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 1))'],
    'data.drop': ['(data $d "x")', '(data.drop $d)'],
    'names of its own that look like ours': ['(global (export "conun:0") i32 (i32.const 1))', ''],
    'too many globals': ['(global (mut i32) (i32.const 0))'.repeat(65), ''],
  };
  for (const [what, [parts, body]] of Object.entries(bodies))
    t.equal(rewindable(parts, body), undefined, what);
});

t.test('reading a table or copying from a segment changes nothing', async (t) => {
  const table = '(table $t 2 funcref) (elem (i32.const 0) func $f) (func $f) (data $d "x")';
  const body = `(call_indirect $t (i32.const 0)) (drop (table.get $t (i32.const 0))) (drop (table.size $t))
    (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1))
    (memory.fill (i32.const 0) (i32.const 1) (i32.const 2))`;
  t.same(rewindable(table, body), []);
});
