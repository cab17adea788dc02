/**
 * What it takes to run a module's instance again as if it were new.
 *
 * Making an instance costs more than running a small program in it, so a host would rather keep one and put
 * it back to where it began. An instance's state is its memory, its globals and its tables; dropped segments
 * too. The host owns the memory. Mutable globals of number types it can set once they are exported, which is
 * done here. A module that changes tables, drops segments, has a start function, or has mutable globals of
 * other types is instantiated for each task instead.
 */

import { skipExpression } from './module-code.ts';
import type { ModuleReader } from './module-reader.ts';
import { leb } from './module-reader.ts';

/** Names the added exports; a module that uses such names itself is left alone. */
export const GLOBAL_EXPORT = 'conun:';

/** `i32`, `i64`, `f32`, `f64`: what JavaScript can read and write. */
const NUMBER_TYPES: ReadonlySet<number> = new Set([0x7f, 0x7e, 0x7d, 0x7c]);

/** Real programs have a handful: the stack pointer and a few of their language's runtime. */
const GLOBALS_MAX = 64;

const EXPORT_GLOBAL = 0x03;

/**
 * Places of the mutable globals; undefined if one of them cannot be set from outside, or there are too many.
 */
export function mutableGlobals(globals: ModuleReader | undefined): readonly number[] | undefined {
  const places: number[] = [];
  const count = globals?.u32() ?? 0;
  for (let place = 0; place < count; place++) {
    const type = globals!.byte();
    // A reference to a type of its own has a second part; a mutable one could not be kept anyway.
    if (type === 0x63 || type === 0x64) globals!.skipLeb();
    const isMutable = globals!.byte() === 0x01;
    skipExpression(globals!);
    if (!isMutable) continue;
    if (!NUMBER_TYPES.has(type) || places.length === GLOBALS_MAX) return undefined;
    places.push(place);
  }
  return places;
}

/** The export section's contents with those globals added; undefined if the module uses such names itself. */
export function exportsWith(
  exports: ModuleReader,
  globals: readonly number[],
): readonly Uint8Array[] | undefined {
  const count = exports.u32();
  const start = exports.at;
  for (let index = 0; index < count; index++) {
    if (exports.name().startsWith(GLOBAL_EXPORT)) return undefined;
    exports.byte();
    exports.skipLeb();
  }
  const added = globals.flatMap((place) => {
    const name = Buffer.from(`${GLOBAL_EXPORT}${place}`, 'latin1');
    return [name.length, ...name, EXPORT_GLOBAL, ...leb(place)];
  });
  const own = exports.bytes.subarray(start, exports.at);
  return [Uint8Array.from(leb(count + globals.length)), own, Uint8Array.from(added)];
}
