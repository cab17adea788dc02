/**
 * Walks over all instructions of a module and refuses those whose result may differ between machines.
 *
 * - Relaxed SIMD: results depend on the processor by definition.
 * - Threads and atomics: results depend on timing.
 * - Exceptions: a stack overflow can be caught, and where it happens depends on the engine's compiler tier;
 *   also a program could catch the host's own signal that a limit is reached.
 * - Garbage-collected types: their memory is the engine's heap, outside the limit on linear memory.
 *
 * What is left is deterministic with one exception that V8 gives no switch for: the sign and payload bits of
 * a NaN that an arithmetic instruction makes (x86 and ARM differ). They are seen only if a program stores
 * such a NaN and hands out its bits. Programs that may do so store a constant NaN instead (`x != x ? NaN :
 * x`).
 */

import { fabricErrors } from '../errors.ts';
import type { ModuleReader } from './module-reader.ts';
import { malformed } from './module-reader.ts';

/** How to pass over what follows an opcode; `IMMEDIATES` holds places in this list. */
const SKIP: readonly ((body: ModuleReader) => void)[] = [
  () => {},
  (body) => body.skipLeb(),
  (body) => skipIntegers(body, 2),
  (body) => skipType(body),
  (body) => skipIntegers(body, body.u32() + 1),
  (body) => skipTypes(body),
  (body) => skipAccess(body),
  (body) => body.skip(4),
  (body) => body.skip(8),
  (body) => void skipNumeric(body),
  (body) => skipVector(body),
];
const Immediate = {
  none: 0,
  one: 1,
  two: 2,
  block: 3,
  labels: 4,
  types: 5,
  access: 6,
  bytes4: 7,
  bytes8: 8,
  numeric: 9,
  vector: 10,
  refused: 255,
} as const;

/**
 * Opcode to immediate, from the core specification, release 3, section 5.4. Whatever is not named is refused.
 */
const IMMEDIATES = immediates();

function immediates(): Uint8Array {
  const table = new Uint8Array(256).fill(Immediate.refused);
  const set = (from: number, to: number, immediate: number): void => {
    table.fill(immediate, from, to + 1);
  };
  set(0x00, 0x01, Immediate.none); // unreachable, nop
  set(0x02, 0x04, Immediate.block); // block, loop, if
  set(0x05, 0x05, Immediate.none); // else
  set(0x0b, 0x0b, Immediate.none); // end
  set(0x0c, 0x0d, Immediate.one); // br, br_if
  set(0x0e, 0x0e, Immediate.labels); // br_table
  set(0x0f, 0x0f, Immediate.none); // return
  set(0x10, 0x10, Immediate.one); // call
  set(0x11, 0x11, Immediate.two); // call_indirect
  set(0x12, 0x12, Immediate.one); // return_call
  set(0x13, 0x13, Immediate.two); // return_call_indirect
  set(0x14, 0x15, Immediate.one); // call_ref, return_call_ref
  set(0x1a, 0x1b, Immediate.none); // drop, select
  set(0x1c, 0x1c, Immediate.types); // select with types
  set(0x20, 0x26, Immediate.one); // local.*, global.*, table.get, table.set
  set(0x28, 0x3e, Immediate.access); // loads and stores
  set(0x3f, 0x42, Immediate.one); // memory.size, memory.grow, i32.const, i64.const
  set(0x43, 0x43, Immediate.bytes4); // f32.const
  set(0x44, 0x44, Immediate.bytes8); // f64.const
  set(0x45, 0xc4, Immediate.none); // comparison, arithmetic, conversion
  set(0xd0, 0xd0, Immediate.one); // ref.null
  set(0xd1, 0xd1, Immediate.none); // ref.is_null
  set(0xd2, 0xd2, Immediate.one); // ref.func
  set(0xd3, 0xd4, Immediate.none); // ref.eq, ref.as_non_null
  set(0xd5, 0xd6, Immediate.one); // br_on_null, br_on_non_null
  set(0xfc, 0xfc, Immediate.numeric);
  set(0xfd, 0xfd, Immediate.vector);
  return table;
}

/** Integers after each 0xfc instruction: saturating conversions, then bulk memory and tables. */
const NUMERIC_INTEGERS = [0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1];

/** Of those: `data.drop`, `table.init`, `elem.drop`, `table.copy`, `table.grow`, `table.fill`. */
const CHANGES_MODULE: ReadonlySet<number> = new Set([9, 12, 13, 14, 15, 17]);

const TABLE_SET = 0x26;
const END = 0x0b;

/**
 * Throws a fault at the first instruction that is refused. `code` covers the contents of the code section.
 * Returns whether any instruction changes a table or drops a segment.
 */
export function checkCode(code: ModuleReader): boolean {
  const count = code.u32();
  let changes = false;
  for (let index = 0; index < count; index++) if (checkBody(code.part(code.u32()))) changes = true;
  return changes;
}

/** Passes over a constant expression, its `end` included. */
export function skipExpression(reader: ModuleReader): void {
  for (let opcode = reader.byte(); opcode !== END; opcode = reader.byte()) skipInstruction(reader, opcode);
}

function checkBody(body: ModuleReader): boolean {
  const groups = body.u32();
  for (let index = 0; index < groups; index++) {
    body.skipLeb();
    skipType(body);
  }
  let changes = false;
  while (!body.done) if (skipInstruction(body, body.byte())) changes = true;
  return changes;
}

/** Passes over what follows an opcode. Returns whether the instruction changes a table or drops a segment. */
function skipInstruction(body: ModuleReader, opcode: number): boolean {
  const immediate = IMMEDIATES[opcode]!;
  if (immediate === Immediate.none) return false;
  if (immediate === Immediate.refused) throw refused(opcode);
  if (immediate === Immediate.numeric) return CHANGES_MODULE.has(skipNumeric(body));
  SKIP[immediate]!(body);
  return opcode === TABLE_SET;
}

function skipIntegers(body: ModuleReader, count: number): void {
  for (let index = 0; index < count; index++) body.skipLeb();
}

function skipTypes(body: ModuleReader): void {
  const count = body.u32();
  for (let index = 0; index < count; index++) skipType(body);
}

/** A value type, or a block's type: one LEB128, after 0x63 or 0x64 (a reference) a second one. */
export function skipType(reader: ModuleReader): void {
  const first = reader.bytes[reader.at];
  reader.skipLeb();
  if (first === 0x63 || first === 0x64) reader.skipLeb();
}

/** Alignment and offset; bit 6 of the alignment says that the number of a memory stands between them. */
function skipAccess(body: ModuleReader): void {
  const alignment = body.u32();
  if ((alignment & 0x40) !== 0) body.skipLeb();
  body.skipLeb();
}

/** Returns the second opcode. */
function skipNumeric(body: ModuleReader): number {
  const opcode = body.u32();
  const integers = NUMERIC_INTEGERS[opcode];
  if (integers === undefined) throw malformed('it has a numeric instruction that is not known here');
  skipIntegers(body, integers);
  return opcode;
}

/** 128-bit vectors: from 0x100 on they are the relaxed ones. */
function skipVector(body: ModuleReader): void {
  const opcode = body.u32();
  if (opcode >= 0x100) throw fabricErrors.FABRIC_PROGRAM_FEATURE_REFUSED({ feature: 'relaxed SIMD' });
  const isLane = opcode >= 84 && opcode <= 91;
  if (opcode <= 11 || isLane || opcode === 92 || opcode === 93) skipAccess(body);
  if (opcode === 12 || opcode === 13) body.skip(16);
  if (isLane || (opcode >= 21 && opcode <= 34)) body.skip(1);
}

function refused(opcode: number): Error {
  const feature = featureOf(opcode);
  if (feature === undefined)
    return malformed(`instruction 0x${opcode.toString(16).padStart(2, '0')} is not known here`);
  return fabricErrors.FABRIC_PROGRAM_FEATURE_REFUSED({ feature });
}

function featureOf(opcode: number): string | undefined {
  if (opcode === 0xfe) return 'threads';
  if (opcode === 0xfb) return 'garbage-collected types';
  if ((opcode >= 0x06 && opcode <= 0x0a) || opcode === 0x18 || opcode === 0x19 || opcode === 0x1f)
    return 'exceptions';
  return undefined;
}
