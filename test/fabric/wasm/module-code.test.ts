import t from 'tap';
import { checkCode } from '../../../src/fabric/wasm/module-code.ts';
import { ModuleReader } from '../../../src/fabric/wasm/module-reader.ts';
import { shapeModule } from '../../../src/fabric/wasm/module-shape.ts';
import { assemble } from '../../fixtures/assembler.ts';

/** A code section with one body: no locals, these bytes, `end`. */
const code = (...body: number[]) => new ModuleReader(Uint8Array.from([1, body.length + 2, 0, ...body, 0x0b]));

const refusedFeature = (...body: number[]): unknown => {
  try {
    checkCode(code(...body));
    return undefined;
  } catch (fault) {
    return (fault as { details: { feature?: string; reason?: string } }).details;
  }
};

t.test('what may differ between machines is named', async (t) => {
  t.same(refusedFeature(0xfd, 0x80, 0x02), { feature: 'relaxed SIMD' });
  t.same(refusedFeature(0xfe, 0x00), { feature: 'threads' });
  t.same(refusedFeature(0xfb, 0x00), { feature: 'garbage-collected types' });
  for (const opcode of [0x06, 0x08, 0x0a, 0x18, 0x19, 0x1f]) {
    t.same(refusedFeature(opcode), { feature: 'exceptions' });
  }
});

t.test('what is not known is refused', async (t) => {
  t.match(refusedFeature(0xff), { reason: /0xff/ });
  t.match(refusedFeature(0xfc, 0x7f), { reason: /numeric/ });
});

t.test('opcodes that look like refused ones are passed over within immediates', async (t) => {
  // i32.const 0xfe…, f32.const and f64.const made of 0xfe, a vector constant and a shuffle of 0xfe.
  t.equal(refusedFeature(0x41, 0xfe, 0x7e), undefined);
  t.equal(refusedFeature(0x43, 0xfe, 0xfe, 0xfe, 0xfe), undefined);
  t.equal(refusedFeature(0x44, ...new Array(8).fill(0xfe)), undefined);
  t.equal(refusedFeature(0xfd, 0x0c, ...new Array(16).fill(0xfe)), undefined);
  t.equal(refusedFeature(0xfd, 0x0d, ...new Array(16).fill(0xfe)), undefined);
});

t.test('a function of every kind of instruction is walked to its end', async (t) => {
  const text = `(module (memory (export "memory") 1) (table $t 4 funcref) (elem declare func $f)
    (type $void (func))
    (func $f) (global $g (mut i64) (i64.const -1))
    (func (export "_start") (local $x i32) (local $v v128) (local $r funcref)
      (block $a (loop $b (br_if $a (local.get $x)) (br_table $a $b $a (local.get $x))))
      (if (result i32) (i32.const 1) (then (i32.const -5)) (else (i32.const 700000))) (drop)
      (call $f) (call_indirect $t (type $void) (i32.const 0))
      (drop (select (result i32) (i32.const 1) (i32.const 2) (i32.const 3)))
      (global.set $g (i64.const 0x7fffffffffffffff))
      (i64.store32 offset=70000 align=1 (i32.const 8) (i64.const 9))
      (drop (i32.load8_s offset=1 (i32.const 8)))
      (drop (f64.add (f64.const nan) (f64.const 1.5))) (drop (f32.const -0))
      (drop (i32.trunc_sat_f64_u (f64.const 1e10)))
      (memory.fill (i32.const 0) (i32.const 1) (i32.const 2))
      (memory.copy (i32.const 0) (i32.const 1) (i32.const 2))
      (drop (memory.grow (i32.const 1))) (drop (memory.size))
      (local.set $r (ref.func $f)) (drop (ref.is_null (local.get $r)))
      (table.set $t (i32.const 0) (ref.null func)) (drop (table.size $t))
      (drop (table.grow $t (ref.null func) (i32.const 1)))
      (table.fill $t (i32.const 0) (ref.null func) (i32.const 1))
      (local.set $v (v128.load offset=16 (i32.const 0)))
      (v128.store8_lane offset=3 7 (i32.const 0) (local.get $v))
      (drop (v128.load32_zero (i32.const 0))) (drop (i8x16.extract_lane_s 3 (local.get $v)))
      (drop (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 (local.get $v) (local.get $v)))
      (drop (i32x4.add (local.get $v) (v128.const i32x4 1 2 3 4)))))`;
  t.doesNotThrow(() => shapeModule(assemble(text), () => false));
});
