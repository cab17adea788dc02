/**
 * From what a test file printed (TAP) and how it ended to what is counted and told. Strict: a file proves
 * something only if it ran to its own end, tested at least one thing, and left nothing behind; the same for
 * each block in it.
 */

import { type FinalResults, Parser, type Result } from 'tap-parser';
import { FILE_MS_MAX, type FileRun } from './test-file.ts';

export interface FileVerdict {
  readonly passed: number;
  readonly failed: readonly { readonly name: string; readonly diagnosis: string }[];
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

/** Enough for any one difference; a block that fails everywhere need not fill the screen. */
const DIAGNOSIS_CHARACTERS_MAX = 6_000;

export function verdictOn(run: FileRun): FileVerdict {
  const failed: { name: string; diagnosis: string }[] = [];
  const skipped: { name: string; reason: string }[] = [];
  const blocks = parse(run.tap);
  for (const { name, complaints, skip } of blocks.seen) {
    if (skip !== undefined) skipped.push({ name, reason: skip });
    if (complaints.length > 0) failed.push({ name, diagnosis: cut(complaints.join('\n')) });
  }
  const complaint = fileComplaint(run, blocks, failed.length);
  if (complaint !== undefined) failed.push({ name: 'the whole file', diagnosis: complaint });
  const passed = blocks.seen.filter(({ complaints, skip }) => complaints.length === 0 && skip === undefined);
  return { passed: passed.length, failed, skipped };
}

interface Block {
  readonly name: string;
  readonly complaints: readonly string[];
  readonly skip?: string;
}

interface Blocks {
  readonly seen: readonly Block[];
  readonly results: FinalResults;
}

function parse(tap: string): Blocks {
  const seen: Block[] = [];
  const inside: Block[] = [];
  const parser = new Parser();
  parser.on('child', (child: Parser) => collect(child, child.name, inside));
  parser.on('assert', (result: Result) => {
    const below = inside.splice(0);
    const complaints = below.flatMap((block) => block.complaints);
    seen.push(...below.filter(({ skip }) => skip !== undefined));
    if (isSkipped(result)) seen.push(skippedBlock(result.name, result));
    else if (result.ok || complaints.length > 0) seen.push({ name: result.name, complaints });
    else seen.push({ name: result.name, complaints: [describe(result)] });
  });
  parser.end(tap);
  const results = parser.results!;
  const { skipAll, skipReason } = results.plan;
  if (skipAll && skipReason && !parser.syntheticPlan)
    seen.push({ name: 'the whole file', complaints: [], skip: skipReason });
  return { seen, results };
}

/**
 * What failed or was skipped below a block. Each failure once: a block that failed because of one inside says
 * no more.
 */
function collect(parser: Parser, way: string, into: Block[]): void {
  let before = 0;
  parser.on('child', (child: Parser) => {
    before = into.length;
    collect(child, `${way} › ${child.name}`, into);
  });
  parser.on('assert', (result: Result) => {
    const name = `${way} › ${result.name}`;
    const told = into.slice(before).some(({ complaints }) => complaints.length > 0);
    if (isSkipped(result)) into.push(skippedBlock(name, result));
    else if (!result.ok && !told) into.push({ name, complaints: [`${way} › ${describe(result)}`] });
    before = into.length;
  });
}

const isSkipped = ({ skip, todo }: Result): boolean => Boolean(skip || todo);

function skippedBlock(name: string, { skip, todo }: Result): Block {
  return { name, complaints: [], skip: reasonOf(skip || todo) };
}

function reasonOf(reason: string | boolean): string {
  return typeof reason === 'string' && reason !== '' ? reason : 'no reason given';
}

/** What is wrong with the file as a whole, beyond the blocks that failed. */
function fileComplaint(run: FileRun, blocks: Blocks, failed: number): string | undefined {
  const { results, seen } = blocks;
  const complaints: string[] = [];
  if (run.overstayed) complaints.push(`it ran for more than ${FILE_MS_MAX / 1_000} s and was ended`);
  else if (run.signal !== null) complaints.push(`it was ended by ${run.signal}`);
  else if (run.code !== 0 && failed === 0) complaints.push(`it ended with ${run.code}`);
  if (seen.length === 0) complaints.push('it tests nothing');
  else if (!results.ok && failed === 0) complaints.push('its report is not whole: it ended before its plan');
  if (results.bailout) complaints.push(`it gave up: ${results.bailout}`);
  for (const command of run.leftBehind) complaints.push(`it left a process behind: ${command}`);
  if (complaints.length === 0) return undefined;
  return cut([...complaints, run.complaints.trim().slice(-2_000)].join('\n').trim());
}

/** A failed assertion in words: its name, then what tap knows of it, the difference first. */
function describe(result: Result): string {
  const { diff, at, stack, source: _, ...rest }: Record<string, unknown> = result.diag ?? {};
  const place = at as { fileName?: string; lineNumber?: number } | undefined;
  const lines = [`${result.name}${place?.fileName ? ` (${place.fileName}:${place.lineNumber})` : ''}`];
  if (typeof diff === 'string') lines.push(diff.trimEnd());
  for (const [key, value] of Object.entries(rest)) {
    lines.push(`${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  }
  if (typeof stack === 'string') lines.push(stack.trimEnd());
  return lines.join('\n');
}

function cut(text: string): string {
  return text.length <= DIAGNOSIS_CHARACTERS_MAX ? text : `${text.slice(0, DIAGNOSIS_CHARACTERS_MAX)} …`;
}
