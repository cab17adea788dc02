/**
 * `conun verify`: whether a file of a result is what its batch ended in, by the word of the chain alone.
 *
 * The report beside the file says who computed what. From it and the hashes of the files the anchored root is
 * worked out again, so nobody is believed: not the broker, and not the report. If one word of it were
 * different, the root would be.
 */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import type { Digest } from '../../actors/index.ts';
import { provenanceOf, type UnitResult } from '../../collective/index.ts';
import type { Account } from '../../connectivity/index.ts';
import type { Bytes32 } from '../../resource/index.ts';
import { fromJson } from '../api/codec.ts';
import { looking } from '../account-ledger.ts';
import { chainPlace } from '../chain.ts';
import { gridErrors } from '../errors.ts';
import type { Run } from './invocation.ts';
import { type AnchoredDeal, type AnchoredFile, REPORTS } from './results.ts';

export const run: Run = async (call) => {
  const file = resolve(call.io.folder, call.arguments[0]!);
  const given = call.text('report');
  const report = given === undefined ? await reportBeside(file) : resolve(call.io.folder, given);
  const { deal, name } = await headOf(report);
  const batch = call.text('batch');
  if (batch !== undefined && batch !== name) throw gridErrors.GRID_VERIFY_OTHER_BATCH({ batch, found: name });
  if (deal?.root == null) throw gridErrors.GRID_VERIFY_NOTHING_ANCHORED({ report });
  if ((await sha256Of(file)) !== listedIn(report, file, deal).sha256)
    throw gridErrors.GRID_VERIFY_FILE_DIFFERS({ file });

  const counted = { units: 0, providers: new Set<string>() };
  const files = deal.files.map((it) => ({ path: it.path, sha256: it.sha256 as Digest }));
  const { root } = await provenanceOf(counting(unitsOf(report), counted), files);
  const { config } = await call.config();
  const anchored = await looking(await chainPlace(config), (ledger) =>
    ledger.anchored(deal.publisher as Account, deal.deal as Bytes32),
  );
  if (anchored === undefined) throw gridErrors.GRID_VERIFY_NO_ANCHOR({ deal: deal.deal });
  if (anchored !== root) throw gridErrors.GRID_VERIFY_REPORT_DIFFERS({ report, deal: deal.deal });

  const { units, providers } = counted;
  const told = { file, batch: name, deal: deal.deal, publisher: deal.publisher, root, units };
  await call.answer(told, () =>
    [
      `${basename(file)} is what batch ${name} ended in: ${units} verdicts, by ${providers.size} providers.`,
      `Anchored by ${deal.publisher} under the deal ${deal.deal}.`,
    ].join('\n'),
  );
  return undefined;
};

async function reportBeside(file: string): Promise<string> {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    for (const name of REPORTS) {
      const path = join(folder, name);
      const isThere = await access(path).then(
        () => true,
        () => false,
      );
      if (isThere) return path;
    }
    if (folder === dirname(folder)) throw gridErrors.GRID_VERIFY_NO_REPORT({ file });
  }
}

/** What the report says of the file; a copy that lies elsewhere is known by its name. */
function listedIn(report: string, file: string, { files }: AnchoredDeal): AnchoredFile {
  const inside = relative(dirname(report), file);
  const found =
    files.find(({ path }) => path === inside) ?? files.find(({ path }) => basename(path) === basename(file));
  if (found !== undefined) return found;
  const known = files.map(({ path }) => path).join(', ') || 'none';
  throw gridErrors.GRID_VERIFY_FILE_UNKNOWN({ file, known });
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** The report is one JSON document, written a member or a unit a line, so that it can be read so. */
async function headOf(report: string): Promise<{ readonly name: string; readonly deal?: AnchoredDeal }> {
  let name: string | undefined;
  for await (const line of linesOf(report)) {
    if (line.startsWith('{"batch":'))
      name = parsed<{ batch: string }>(report, line.slice('{"batch":'.length)).batch;
    else if (line.startsWith('"deal":') && name !== undefined)
      return { name, deal: parsed<AnchoredDeal>(report, line.slice('"deal":'.length)) };
    else break;
  }
  if (name === undefined) throw gridErrors.GRID_VERIFY_REPORT_UNREADABLE({ report });
  return { name };
}

async function* unitsOf(report: string): AsyncGenerator<UnitResult> {
  let inside = false;
  for await (const line of linesOf(report)) {
    if (line === ']' || line.startsWith('],')) return;
    if (inside && line !== '') yield parsed<UnitResult>(report, line);
    inside ||= line.startsWith('"units":[');
  }
}

async function* counting(
  units: AsyncIterable<UnitResult>,
  counted: { units: number; readonly providers: Set<string> },
): AsyncGenerator<UnitResult> {
  for await (const unit of units) {
    counted.units += 1;
    for (const { provider } of unit.replicas) counted.providers.add(provider);
    yield unit;
  }
}

async function* linesOf(report: string): AsyncGenerator<string> {
  const input = createReadStream(report, 'utf8');
  try {
    yield* createInterface({ input });
  } catch (error) {
    throw gridErrors.GRID_VERIFY_REPORT_UNREADABLE({ report }, error);
  } finally {
    input.destroy();
  }
}

function parsed<Value>(report: string, line: string): Value {
  try {
    return fromJson(line.replace(/,$/, '')) as Value;
  } catch (error) {
    throw gridErrors.GRID_VERIFY_REPORT_UNREADABLE({ report }, error);
  }
}
