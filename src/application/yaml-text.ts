/**
 * Files that people write: YAML, read with a schema. Whatever is wrong is said with line, column, the
 * member's name, and what to write instead. Aliases are refused, so a small file cannot unfold into a large
 * one.
 */

import { isMap, isScalar, LineCounter, type Document, type Node, parseDocument, type YAMLMap } from 'yaml';
import type { z } from 'zod';
import type { Bytes } from '../actors/index.ts';
import { applicationErrors } from './errors.ts';

/** What people write by hand fits many times over. */
const FILE_BYTES_MAX: Bytes = 262_144;

interface Complaint {
  readonly at: number;
  readonly member: string;
  readonly problem: string;
  readonly advice: string;
}

/** Throws `APPLICATION_FILE_TOO_LARGE` or `APPLICATION_FILE_INVALID`. `file` is how the messages name it. */
export function readYaml<Schema extends z.ZodType>(
  file: string,
  text: string,
  schema: Schema,
): z.output<Schema> {
  const bytes = Buffer.byteLength(text);
  if (bytes > FILE_BYTES_MAX) {
    throw applicationErrors.APPLICATION_FILE_TOO_LARGE({ file, bytes, bytesMax: FILE_BYTES_MAX });
  }
  const lines = new LineCounter();
  const refuse = ({ at, member, problem, advice }: Complaint) => {
    const { line, col } = lines.linePos(at);
    return applicationErrors.APPLICATION_FILE_INVALID({ file, line, column: col, member, problem, advice });
  };
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const [fault] = document.errors;
  if (fault !== undefined) {
    const problem = fault.message.toLowerCase().replace(/\.$/, '');
    throw refuse({ at: fault.pos[0], member: 'syntax', problem, advice: 'correct the YAML there' });
  }
  const parsed = schema.safeParse(plain(document, refuse));
  if (parsed.success) return parsed.data;
  throw refuse(complaint(document, parsed.error.issues[0]));
}

function plain(document: Document, refuse: (complaint: Complaint) => Error): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw refuse({ at: 0, member: 'aliases', problem, advice: 'write the value out instead of `*name`' });
  }
}

function complaint(document: Document, issue: z.core.$ZodIssue | undefined): Complaint {
  if (issue === undefined)
    return { at: 0, member: 'file', problem: 'is not valid', advice: 'compare an example' };
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const member = [...path, key].join('.');
    const advice = 'remove it, or look at its spelling';
    return { at: keyPosition(document, path, key), member, problem: 'is not known', advice };
  }
  const missing = path.length > 0 && !document.hasIn(path);
  const problem = missing ? 'is missing' : `is not valid (${shown(document, path)})`;
  return { at: position(document, path), member: path.join('.') || 'file', problem, advice: issue.message };
}

function shown(document: Document, path: readonly string[]): string {
  const text = JSON.stringify(path.length === 0 ? document.toJS() : document.getIn(path)) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** Where the value is, or the innermost value around the place where it should be. */
function position(document: Document, path: readonly string[]): number {
  for (let depth = path.length; depth >= 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true) as Node | undefined | null;
    if (node?.range) return node.range[0];
  }
  return 0;
}

function keyPosition(document: Document, path: readonly string[], key: string): number {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  const pairs = isMap(node) ? (node as YAMLMap).items : [];
  const found = pairs.map((pair) => pair.key).find((name) => isScalar(name) && String(name.value) === key);
  return isScalar(found) && found.range ? found.range[0] : position(document, path);
}
