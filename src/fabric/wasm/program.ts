/**
 * A program as a host keeps it: compiled once, with an instance at hand that can be used again.
 *
 * Rewinding copies the memory back to what it was before `_start` and sets the globals: nothing of one task
 * reaches the next one, and code that the engine has learnt to make fast stays so. Only instances that ended
 * well and did not grow their memory are rewound (measured for a no-op: 20 µs with a new instance, 10 µs
 * rewound).
 */

import type { Bytes } from '../../actors/index.ts';
import { fabricErrors } from '../errors.ts';
import { LimitReached } from './file-tree.ts';
import { GLOBAL_EXPORT } from './module-rewind.ts';
import type { ShapedModule } from './module-shape.ts';
import { PAGE_BYTES } from './module-shape.ts';

/** Copying 256 KiB costs as much as a new instance with a new memory (20 µs). */
const REWOUND_PAGES_MAX = 4;

interface Instance {
  readonly memory: WebAssembly.Memory;
  readonly maximumPages: number;
  readonly start: () => void;
  /** Undefined if it cannot be put back. */
  readonly origin: Origin | undefined;
}

/** Where an instance began. */
interface Origin {
  readonly memory: Uint8Array;
  readonly globals: readonly { readonly global: WebAssembly.Global; readonly value: number | bigint }[];
}

export class Program {
  readonly #module: WebAssembly.Module;
  readonly #shape: ShapedModule;
  #spare: Instance | undefined;

  /** Throws `FABRIC_PROGRAM_INVALID`. */
  constructor(shape: ShapedModule) {
    this.#module = compile(shape.bytes);
    this.#shape = shape;
  }

  /** Throws `FABRIC_PROGRAM_INVALID` unless it exports what every program does. */
  checkExports(): void {
    const kinds = new Map(WebAssembly.Module.exports(this.#module).map(({ name, kind }) => [name, kind]));
    for (const [name, kind] of Object.entries({ _start: 'function', memory: 'memory' })) {
      if (kinds.get(name) !== kind) {
        throw fabricErrors.FABRIC_PROGRAM_INVALID({ reason: `it does not export ${name}` });
      }
    }
  }

  /**
   * A zeroed or rewound memory for one task. Throws `LimitReached` if the program begins with more than that.
   */
  memoryFor(bytesMax: Bytes): WebAssembly.Memory {
    const initial = this.#shape.initialPages;
    const maximum = Math.min(this.#shape.maximumPages, Math.floor(bytesMax / PAGE_BYTES));
    if (initial > maximum) throw new LimitReached('FABRIC_TASK_MEMORY_LIMIT', { limitBytes: bytesMax });
    if (this.#spare?.maximumPages === maximum) return this.#spare.memory;
    this.#spare = undefined;
    try {
      return new WebAssembly.Memory({ initial, maximum });
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'no memory';
      throw new LimitReached('FABRIC_TASK_CRASHED', { reason });
    }
  }

  /** Runs `_start` in a memory from `memoryFor`; throws whatever ends it otherwise. */
  run(memory: WebAssembly.Memory, bytesMax: Bytes, imports: WebAssembly.Imports): void {
    const maximumPages = Math.min(this.#shape.maximumPages, Math.floor(bytesMax / PAGE_BYTES));
    const instance = this.#spare ?? this.#instantiate(memory, maximumPages, imports);
    // Whoever does not come back is not used again.
    this.#spare = undefined;
    instance.start();
    if (rewind(instance)) this.#spare = instance;
  }

  #instantiate(memory: WebAssembly.Memory, maximumPages: number, imports: WebAssembly.Imports): Instance {
    const { exports } = new WebAssembly.Instance(this.#module, imports);
    const start = exports['_start'] as () => void;
    return { memory, maximumPages, start, origin: this.#originOf(memory, exports) };
  }

  #originOf(memory: WebAssembly.Memory, exports: WebAssembly.Exports): Origin | undefined {
    const { rewindable, initialPages } = this.#shape;
    if (rewindable === undefined || initialPages > REWOUND_PAGES_MAX) return undefined;
    const globals = rewindable.map((place) => {
      const global = exports[`${GLOBAL_EXPORT}${place}`] as WebAssembly.Global;
      return { global, value: global.value as number | bigint };
    });
    // The bits of a NaN do not survive the way through JavaScript.
    if (globals.some(({ value }) => Number.isNaN(value))) return undefined;
    return { memory: new Uint8Array(memory.buffer).slice(), globals };
  }
}

/** Puts an instance back to where it began; false if it must not be used again. */
function rewind({ memory, origin }: Instance): boolean {
  if (origin === undefined || memory.buffer.byteLength !== origin.memory.byteLength) return false;
  new Uint8Array(memory.buffer).set(origin.memory);
  for (const { global, value } of origin.globals) global.value = value;
  return true;
}

function compile(bytes: Uint8Array): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, 200) : 'it does not compile';
    throw fabricErrors.FABRIC_PROGRAM_INVALID({ reason }, error);
  }
}
