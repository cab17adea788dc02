import t from 'tap';
import { shapeModule } from '../../../src/fabric/wasm/module-shape.ts';
import { Program } from '../../../src/fabric/wasm/program.ts';
import { assemble } from '../../fixtures/assembler.ts';

const LIMIT = 16 * 65_536;

/**
 * Runs a program some times in a row, and returns what it said each time, and how often its memory was new.
 */
function runs(text: string, limits: readonly number[]): { said: number[]; memories: number } {
  const program = new Program(shapeModule(assemble(text), (module) => module === 'conun'));
  const memories = new Set<WebAssembly.Memory>();
  const said: number[] = [];
  const progress = (value: number) => void said.push(value);
  for (const limit of limits) {
    const memory = program.memoryFor(limit);
    memories.add(memory);
    program.run(memory, limit, { conun: { memory, progress } });
  }
  return { said, memories: memories.size };
}

/** Says the value of an expression before it executes the rest. */
const says = (value: string, rest: string, parts = '') =>
  `(module (import "conun" "progress" (func $say (param f64))) (memory (export "memory") 1 16) ${parts}
    (func (export "_start") (call $say ${value}) ${rest}))`;

const THREE = [LIMIT, LIMIT, LIMIT];

t.test('memory is what it was, data segments included', async (t) => {
  const text = says(
    '(f64.load (i32.const 8))',
    '(memory.fill (i32.const 0) (i32.const 7) (i32.const 65536))',
    ['(data (i32.const 8) "\\00\\00\\00\\00\\00\\00\\45\\40")'].join(),
  );
  t.same(runs(text, THREE), { said: [42, 42, 42], memories: 1 });
});

t.test('globals are what they were, of every type', async (t) => {
  const globals = `(global $a (mut i32) (i32.const 1)) (global $b (mut i64) (i64.const 0x7000000000000000))
    (global $c (mut f32) (f32.const 0.5)) (global $d (mut f64) (f64.const -0))`;
  const value = `(f64.add (f64.convert_i32_s (global.get $a)) (f64.add (f64.convert_i64_s (global.get $b))
    (f64.add (f64.promote_f32 (global.get $c)) (f64.copysign (f64.const 1) (global.get $d)))))`;
  const rest = `(global.set $a (i32.const 9)) (global.set $b (i64.const 9)) (global.set $c (f32.const 9))
    (global.set $d (f64.const 9))`;
  const { said, memories } = runs(says(value, rest, globals), THREE);
  t.equal(new Set(said).size, 1);
  t.equal(memories, 1);
});

t.test('what cannot be put back is made anew', async (t) => {
  const table = '(table $t 1 funcref) (elem (i32.const 0) func $f) (func $f)';
  const value = '(f64.convert_i32_s (ref.is_null (table.get $t (i32.const 0))))';
  const rest = '(table.set $t (i32.const 0) (ref.null func))';
  t.same(runs(says(value, rest, table), THREE), { said: [0, 0, 0], memories: 3 });
  const start = '(global $g (mut i32) (i32.const 0)) (func $s (global.set $g (i32.const 5))) (start $s)';
  t.same(runs(says('(f64.convert_i32_s (global.get $g))', '(global.set $g (i32.const 1))', start), THREE), {
    said: [5, 5, 5],
    memories: 3,
  });
});

t.test('a memory that grew, or is of another limit, is made anew', async (t) => {
  const pages = '(f64.convert_i32_s (memory.size))';
  t.same(runs(says(pages, '(drop (memory.grow (i32.const 1)))'), THREE), { said: [1, 1, 1], memories: 3 });
  const room = '(f64.convert_i32_s (memory.grow (i32.const 0)))';
  t.same(runs(says(room, ''), [LIMIT, LIMIT / 2, LIMIT]), { said: [1, 1, 1], memories: 3 });
});

t.test('an instance that did not end well is not used again', async (t) => {
  const program = new Program(shapeModule(assemble(says('(f64.const 1)', '')), () => true));
  const run = (progress: () => void) => {
    const memory = program.memoryFor(LIMIT);
    program.run(memory, LIMIT, { conun: { memory, progress } });
    return memory;
  };
  let isBroken = false;
  const progress = () => {
    if (isBroken) throw new RangeError('as a limit does');
  };
  const memory = run(progress);
  t.equal(run(progress), memory);
  isBroken = true;
  t.throws(() => run(progress), RangeError);
  isBroken = false;
  t.not(run(progress), memory);
});

t.test('a program that begins over the limit, or lacks an export, is refused', async (t) => {
  const shape = (text: string) => new Program(shapeModule(assemble(text), () => false));
  const large = shape('(module (memory (export "memory") 17) (func (export "_start")))');
  t.throws(() => large.memoryFor(LIMIT), { code: 'FABRIC_TASK_MEMORY_LIMIT' });
  const lacking = shape('(module (memory (export "memory") 1) (func (export "main")))');
  t.throws(() => lacking.checkExports(), { code: 'FABRIC_PROGRAM_INVALID' });
});
