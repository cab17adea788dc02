/**
 * The conversation with a plugin's process: one request, one answer, in turn, so that neither side can flood
 * the other. The process runs a stranger's code; everything it says is checked here.
 *
 *     open ▸ opened    share ▸ files    pull ▸ units    compare ▸ same
 *     merge ▸ want ◂ results ▸ want ◂ results ▸ file ◂ more ▸ done              any ▸ failed
 *
 * A file is a pair of path and length; its bytes follow the head in the same order.
 */

import { z } from 'zod';
import { KIB, MIB, type Milliseconds } from '../actors/index.ts';
import { INLINE_BYTES_MAX } from '../fabric/index.ts';

/** The largest file that a merge yields or a batch shares. */
export const FILE_BYTES_MAX = 64 * MIB;
/** All inputs of a batch together, as one message. */
export const INPUTS_BYTES_MAX = 256 * MIB;
/** One such file and its head. */
export const ANSWER_BYTES_MAX = FILE_BYTES_MAX + MIB;
/** Units in one answer: enough that the turn costs nothing, few enough to stay a millisecond's work. */
export const PULL_UNITS_MAX = 512;
/** Bytes of units after which an answer is sent, however few units that are. */
export const PULL_BYTES = MIB;
/** Results handed to a merge at a time, by number and by bytes. */
export const MERGE_RESULTS = 256;
export const MERGE_BYTES = 4 * MIB;

const path = z
  .string()
  .max(255)
  // No empty part, no `.` and no `..`: it is a place below a folder, whoever writes it out.
  .regex(/^(?!\.{1,2}(\/|$))[^/\\\0]+(\/(?!\.{1,2}(\/|$))[^/\\\0]+)*$/, 'is not a relative path');

export type FileHead = readonly [path: string, bytes: number];
/** Index, label, bytes of standard output, files. */
export type ResultHead = readonly [number, string, number, readonly FileHead[]];
/** Arguments, files, label. */
export type UnitHead = readonly [readonly string[], readonly FileHead[], string];

export type Request =
  /**
   * The plugin's bundle and the inputs follow; without a bundle, it is the one that the process has. `now` is
   * where the plugin's clock stands still.
   */
  | {
      readonly type: 'open';
      readonly pluginBytes: number;
      readonly now: Milliseconds;
      readonly parameters: Readonly<Record<string, unknown>>;
      readonly inputs: readonly FileHead[];
    }
  | { readonly type: 'share' }
  | {
      readonly type: 'pull';
      readonly from: number;
      readonly unitsMax: number;
      readonly bytesMax: number;
    }
  | { readonly type: 'compare'; readonly outputs: readonly ResultHead[] }
  | { readonly type: 'merge' }
  | { readonly type: 'results'; readonly results: readonly ResultHead[]; readonly end: boolean }
  | { readonly type: 'more' };

const fileBytes = (most: number) => z.int().min(0).max(most);
const sharedFile = z.tuple([path, fileBytes(FILE_BYTES_MAX)]);
const unitFile = z.tuple([path, fileBytes(INLINE_BYTES_MAX)]);
/** `argv` of a program; a batch of a million units is drawn in such pieces, so they are small. */
const argument = z.string().max(4 * KIB);
const unit = z.tuple([z.array(argument).max(64), z.array(unitFile).max(16), z.string().max(80)]);

export const answers = {
  opened: z.strictObject({ type: z.literal('opened'), shares: z.boolean(), compares: z.boolean() }),
  files: z.strictObject({ type: z.literal('files'), files: z.array(sharedFile).max(64) }),
  units: z.strictObject({
    type: z.literal('units'),
    units: z.array(unit).max(PULL_UNITS_MAX),
    end: z.boolean(),
  }),
  same: z.strictObject({ type: z.literal('same'), index: z.int().min(0).max(1_000).nullable() }),
  merging: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('want') }),
    z.strictObject({ type: z.literal('file'), file: sharedFile }),
    z.strictObject({ type: z.literal('done') }),
  ]),
};

/** In place of any answer. */
export const failure = z.strictObject({ type: z.literal('failed'), message: z.string().max(4 * KIB) });
