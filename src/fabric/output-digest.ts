/**
 * What replicas are compared by: one digest over all that a program left.
 *
 * It covers the exit code, standard output and, sorted by path, each file's path, size and SHA-256. A file's
 * own hash stands for its bytes, so the digest is the same whether the file travels inline or as blocks, and
 * it can be checked before the blocks are here. Usage, standard error and task id are left out: honest
 * replicas differ there.
 */

import type { Digest } from '../actors/index.ts';
import { assert, digestOf, sha256 } from '../actors/index.ts';
import type { Content, ContentByAddress, TaskOutput } from './task.ts';

/** Most tasks print nothing; its hash is worth keeping. */
const EMPTY_SHA256 = sha256(new Uint8Array(0));

/**
 * The digest of an output, from wherever it came. Every file by address must carry its `sha256` (a wire
 * schema requires it); files in another order or with repeated paths give another digest, so they never pass
 * for equal.
 */
export function outputDigest(output: TaskOutput): Digest {
  return digestOf({
    exitCode: output.exitCode,
    stdout: output.stdout.byteLength === 0 ? EMPTY_SHA256 : sha256(output.stdout),
    files: output.files.map((file) => [file.path, sizeOf(file.content), contentSha256(file.content)]),
  });
}

/** Whether fetched bytes are the ones that the output's digest covers. */
export function contentMatches(content: ContentByAddress, bytes: Uint8Array): boolean {
  return bytes.byteLength === content.bytes && sha256(bytes) === content.sha256;
}

function sizeOf(content: Content): number {
  return 'inline' in content ? content.inline.byteLength : content.bytes;
}

function contentSha256(content: Content): Digest {
  if ('inline' in content) return sha256(content.inline);
  assert(content.sha256 !== undefined, 'an output file by address carries its SHA-256');
  return content.sha256;
}
