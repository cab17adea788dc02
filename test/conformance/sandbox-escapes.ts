/** Attempts to get out, to look in, or to take too much: each a program, and what must come of it. */

import type { StagedTask } from '../../src/fabric/index.ts';
import { ECHO, FLOOD, LOOP_FOREVER, MEMORY_BOMB, TRAP } from '../fixtures/program-texts.ts';
import { FIRST, Flag, IN, OUT, ProbeText, SCRATCH_AT } from '../fixtures/probe-text.ts';
import { limits } from '../fixtures/tasks.ts';

/** WASI errno values, from the preview 1 document. */
export const Errno = {
  success: 0,
  badf: 8,
  exist: 20,
  inval: 28,
  isdir: 31,
  mfile: 33,
  nametoolong: 37,
  noent: 44,
  notdir: 54,
  notempty: 55,
  notsup: 58,
  rofs: 69,
  notcapable: 76,
} as const;

export interface Escape {
  readonly title: string;
  readonly text: string;
  readonly task?: Partial<StagedTask>;
  /** The program ends well, and its calls returned this. */
  readonly errnos?: readonly number[];
  /** Or it fails with this code. */
  readonly code?: string;
}

const INPUT = { files: [{ path: 'x', bytes: Buffer.from('input') }] };

/** 64 KiB of whatever stands at scratch, written to `/out/<name>` until it fails. */
const loopOf = (imports: string, body: string) => `(module ${imports} (memory (export "memory") 2)
  (func (export "_start") (loop $again ${body} (br $again))))`;

export const ESCAPES: readonly Escape[] = [
  {
    title: 'no path leads out of /in or /out, relative, absolute or through the tree',
    text: new ProbeText()
      .open(IN, '../etc/passwd')
      .open(IN, '/etc/passwd')
      .open(OUT, '../../../../etc/passwd')
      .open(IN, 'd/../../etc/passwd')
      .open(IN, 'etc/passwd')
      .open(IN, 'd/../x')
      .open(OUT, '..', Flag.directory)
      .build(),
    task: { files: [...INPUT.files, { path: 'd/y', bytes: new Uint8Array(1) }] },
    errnos: [
      Errno.notcapable,
      Errno.notcapable,
      Errno.notcapable,
      Errno.notcapable,
      Errno.noent,
      Errno.success,
      Errno.notcapable,
    ],
  },
  {
    title: 'only five descriptors are open, and no others can be made up',
    text: new ProbeText()
      .read(0)
      .read(FIRST)
      .read(1_000_000)
      .read(-1)
      .call('fd_renumber', OUT, 77)
      .call('fd_close', 99)
      .build(),
    errnos: [0, 0, Errno.badf, 0, Errno.badf, 0, Errno.badf, 0, Errno.badf, Errno.badf],
  },
  {
    title: 'nothing under /in can be created, changed, removed, moved or linked',
    text: new ProbeText()
      .open(IN, 'new', Flag.create)
      .open(IN, 'x', Flag.truncate)
      .open(IN, 'x')
      .write(FIRST, 'changed')
      .call('fd_filestat_set_size', FIRST, 0)
      .call('fd_allocate', FIRST, 0, 100)
      .path('path_unlink_file', IN, 'x')
      .path('path_create_directory', IN, 'made')
      .rename(IN, 'x', OUT, 'x')
      .rename(OUT, 'x', IN, 'x')
      .call('path_link', IN, 0, 64, 1, OUT, 64, 1)
      .read(FIRST)
      .build(),
    task: INPUT,
    errnos: [
      Errno.rofs,
      Errno.rofs,
      Errno.success,
      Errno.rofs,
      Errno.rofs,
      Errno.rofs,
      Errno.rofs,
      Errno.rofs,
      Errno.rofs,
      Errno.noent,
      Errno.notsup,
      Errno.success,
      5,
    ],
  },
  {
    title: 'there are no symbolic links',
    text: new ProbeText()
      .call('path_symlink', 64, 4, OUT, 64, 4)
      .call('path_readlink', OUT, 64, 4, 0, 0, 0)
      .build(),
    errnos: [Errno.notsup, Errno.noent],
  },
  {
    title: 'paths and vectors as long as the whole memory are refused before they are copied',
    text: new ProbeText()
      .call('path_open', OUT, 0, 0, 65_536, 1, 0, 0, 0, 4)
      .call('path_unlink_file', OUT, 0, 65_536)
      .call('fd_write', 1, 0, 8_000, 4)
      .build(),
    errnos: [Errno.nametoolong, Errno.nametoolong, Errno.inval],
  },
  {
    title: 'a pointer outside of the memory ends the program, not the host',
    text: new ProbeText().call('random_get', 65_000, 65_000).build(),
    code: 'FABRIC_TASK_TRAPPED',
  },
  { title: 'a missing input traps', text: ECHO, code: 'FABRIC_TASK_TRAPPED' },
  { title: 'a trap is a failure', text: TRAP, code: 'FABRIC_TASK_TRAPPED' },
  {
    title: 'recursion without end overflows a stack that is not ours',
    text: '(module (memory (export "memory") 1) (func $deep (export "_start") (call $deep)))',
    code: 'FABRIC_TASK_TRAPPED',
  },
  {
    title: 'an endless loop is ended at its time limit',
    text: LOOP_FOREVER,
    task: { limits: limits({ runMsMax: 100 }) },
    code: 'FABRIC_TASK_TIME_LIMIT',
  },
  {
    title: 'an endless loop in the start function, too',
    text: `(module (memory (export "memory") 1) (func $begin (loop $again (br $again))) (start $begin)
      (func (export "_start")))`,
    task: { limits: limits({ runMsMax: 100 }) },
    code: 'FABRIC_TASK_TIME_LIMIT',
  },
  {
    title: 'an endless loop of host calls, too',
    text: loopOf('(import "conun" "yield" (func $yield))', '(call $yield)'),
    task: { limits: limits({ runMsMax: 100 }) },
    code: 'FABRIC_TASK_TIME_LIMIT',
  },
  { title: 'memory ends at its limit', text: MEMORY_BOMB, code: 'FABRIC_TASK_MEMORY_LIMIT' },
  {
    title: 'a program that begins with more memory than its limit does not begin',
    text: '(module (memory (export "memory") 1000) (func (export "_start")))',
    task: { limits: limits({ memoryBytesMax: 1_048_576 }) },
    code: 'FABRIC_TASK_MEMORY_LIMIT',
  },
  {
    title: 'a table cannot grow without end',
    text: `(module (memory (export "memory") 1) (table $t 1 funcref)
      (func (export "_start") (loop $again
        (if (i32.eq (table.grow $t (ref.null func) (i32.const 50000)) (i32.const -1)) (then (unreachable)))
        (br $again))))`,
    code: 'FABRIC_TASK_TRAPPED',
  },
  { title: 'a flood of standard output is cut at its limit', text: FLOOD, code: 'FABRIC_TASK_LOG_LIMIT' },
  {
    title: 'a flood of single bytes to standard error, too',
    text: loopOf(
      `(import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
       (data (i32.const 4) "\\01")`,
      '(drop (call $w (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 12)))',
    ),
    code: 'FABRIC_TASK_LOG_LIMIT',
  },
  {
    title: 'a file cannot grow over the limit of its output',
    text: new ProbeText().open(OUT, 'big', Flag.create).call('fd_allocate', FIRST, 0, 262_145).build(),
    code: 'FABRIC_TASK_OUTPUT_LIMIT',
  },
  {
    title: 'a hole of a thousand terabytes is never filled',
    text: new ProbeText()
      .open(OUT, 'sparse', Flag.create)
      .call('fd_seek', FIRST, 1_000_000_000_000_000, 0, 4)
      .write(FIRST, 'x')
      .build(),
    code: 'FABRIC_TASK_OUTPUT_LIMIT',
  },
  {
    title: 'a flood of empty files is cut',
    text: `(module
      (import "wasi_snapshot_preview1" "path_open"
        (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "_start") (local $n i32) (loop $again
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (i32.store (i32.const 64) (i32.or (local.get $n) (i32.const 0x01010101)))
        (i32.store8 (i32.const 68) (i32.add (i32.rem_u (local.get $n) (i32.const 63)) (i32.const 48)))
        (i32.store8 (i32.const 69)
          (i32.add (i32.rem_u (i32.div_u (local.get $n) (i32.const 63)) (i32.const 63)) (i32.const 48)))
        (i32.store8 (i32.const 70) (i32.add (i32.div_u (local.get $n) (i32.const 3969)) (i32.const 48)))
        (drop (call $open (i32.const 4) (i32.const 0) (i32.const 68) (i32.const 3) (i32.const 1)
          (i64.const -1) (i64.const -1) (i32.const 0) (i32.const 8)))
        (drop (call $close (i32.load (i32.const 8))))
        (br $again))))`,
    code: 'FABRIC_TASK_OUTPUT_LIMIT',
  },
  {
    title: 'arguments of a megabyte are refused',
    text: '(module (memory (export "memory") 1) (func (export "_start")))',
    task: { args: ['a'.repeat(1_048_576)] },
    code: 'FABRIC_TASK_INVALID',
  },
  {
    title: 'input paths that climb are refused',
    text: '(module (memory (export "memory") 1) (func (export "_start")))',
    task: { files: [{ path: '../x', bytes: new Uint8Array(1) }] },
    code: 'FABRIC_TASK_INVALID',
  },
  {
    title: 'an exit code other than zero is a failure',
    text: `(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1) (func (export "_start") (call $exit (i32.const 3))))`,
    code: 'FABRIC_TASK_EXIT',
  },
  {
    title: 'a sleep of a year takes no time',
    text: new ProbeText()
      .note(
        `(block (result i32)
          (i64.store (i32.const ${SCRATCH_AT + 24}) (i64.const 31536000000000000)) (i32.const 0))`,
      )
      .call('poll_oneoff', SCRATCH_AT, SCRATCH_AT + 64, 1, SCRATCH_AT + 128)
      .note(`(i32.load (i32.const ${SCRATCH_AT + 128}))`)
      .build(),
    errnos: [0, Errno.success, 1],
  },
];

export interface Refusal {
  readonly title: string;
  readonly code: string;
  readonly text?: string;
  readonly bytes?: Uint8Array;
  /** Binaryen features to assemble it with. */
  readonly features?: readonly string[];
}

const START = '(func (export "_start"))';
const MEMORY = '(memory (export "memory") 1)';

/** Programs that must not even be loaded. */
export const REFUSALS: readonly Refusal[] = [
  {
    title: 'an unknown import',
    text: `(module (import "env" "system" (func (param i32))) ${MEMORY} ${START})`,
    code: 'FABRIC_PROGRAM_IMPORT_UNKNOWN',
  },
  {
    title: 'a socket',
    text: `(module (import "wasi_snapshot_preview1" "sock_send" (func (param i32))) ${MEMORY} ${START})`,
    code: 'FABRIC_PROGRAM_IMPORT_UNKNOWN',
  },
  {
    title: 'a memory from outside',
    text: `(module (import "conun" "memory" (memory 1)) (export "memory" (memory 0)) ${START})`,
    code: 'FABRIC_PROGRAM_IMPORT_UNKNOWN',
  },
  {
    title: 'a property that every object has',
    text: `(module (import "conun" "constructor" (func)) (import "wasi_snapshot_preview1" "toString" (func))
      ${MEMORY} ${START})`,
    code: 'FABRIC_PROGRAM_IMPORT_UNKNOWN',
  },
  { title: 'bytes that are no module', bytes: Buffer.from('hello'), code: 'FABRIC_PROGRAM_INVALID' },
  { title: 'nothing at all', bytes: new Uint8Array(0), code: 'FABRIC_PROGRAM_INVALID' },
  { title: 'more than 32 MiB', bytes: new Uint8Array(33_554_433), code: 'FABRIC_PROGRAM_TOO_LARGE' },
  { title: 'no _start', text: `(module ${MEMORY})`, code: 'FABRIC_PROGRAM_INVALID' },
  { title: 'no memory', text: `(module ${START})`, code: 'FABRIC_PROGRAM_INVALID' },
  {
    title: 'a memory that is not exported',
    text: `(module (memory 1) ${START})`,
    code: 'FABRIC_PROGRAM_INVALID',
  },
  {
    title: 'a table of ten million elements',
    text: `(module (table 9999999 funcref) ${MEMORY} ${START})`,
    code: 'FABRIC_PROGRAM_INVALID',
  },
  {
    title: 'shared memory',
    text: `(module (memory (export "memory") 1 2 shared) ${START})`,
    features: ['Atomics'],
    code: 'FABRIC_PROGRAM_FEATURE_REFUSED',
  },
  {
    title: 'atomic instructions',
    text: `(module ${MEMORY} (func (export "_start") (drop (i32.atomic.load (i32.const 0)))))`,
    features: ['Atomics'],
    code: 'FABRIC_PROGRAM_FEATURE_REFUSED',
  },
  {
    title: 'relaxed SIMD',
    text: `(module ${MEMORY} (func (export "_start") (drop (f32x4.relaxed_madd
      (v128.const i32x4 0 0 0 0) (v128.const i32x4 0 0 0 0) (v128.const i32x4 0 0 0 0)))))`,
    features: ['RelaxedSIMD'],
    code: 'FABRIC_PROGRAM_FEATURE_REFUSED',
  },
  {
    title: 'exceptions',
    text: `(module (tag $t) ${MEMORY} (func (export "_start") (throw $t)))`,
    features: ['ExceptionHandling'],
    code: 'FABRIC_PROGRAM_FEATURE_REFUSED',
  },
  {
    title: 'garbage-collected types',
    text: `(module (type $a (array (mut i32))) ${MEMORY}
      (func (export "_start") (drop (array.new_default $a (i32.const 1000000)))))`,
    features: ['GC'],
    code: 'FABRIC_PROGRAM_FEATURE_REFUSED',
  },
];
