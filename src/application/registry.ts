/**
 * The apps that this node knows, kept as rows of the journal.
 *
 * A published version never changes, and a name belongs to the author who used it first. Nothing enters that
 * could not run: signature, blocks and program are checked before the row is written.
 */

import { type Bytes, decode, encode, type Journal, type Milliseconds } from '../actors/index.ts';
import type { OwnerId, VerifySignature } from '../connectivity/index.ts';
import type { Cid, ContentStore } from '../fabric/index.ts';
import { applicationErrors } from './errors.ts';
import {
  appBlocks,
  appName,
  compareVersions,
  PROGRAM_BYTES_MAX,
  parseSignedManifest,
  verifyManifest,
} from './manifest.ts';
import type { AppView, Manifest, SignedManifest } from './task-api.ts';

export interface RegistryOptions {
  readonly journal: Journal;
  readonly content: ContentStore;
  readonly verify: VerifySignature;
  /** Rejects with a fault when no sandbox here would start it. */
  readonly validateProgram: (program: Cid, bytes: Uint8Array) => Promise<void>;
  /** For reading the program; aborts when the node stops. */
  readonly read: (cid: Cid, bytesMax: Bytes) => Promise<Uint8Array>;
}

export interface Registry {
  /** Durable when it resolves. Publishing the same manifest again changes nothing. */
  publish(app: SignedManifest, now: Milliseconds): Promise<AppView>;
  /** `render@1.0.0`, or `render` for its newest release. Rejects with `APPLICATION_APP_UNKNOWN`. */
  find(app: string): Promise<Manifest>;
  /** By name, then from the newest version down. */
  list(): Promise<readonly AppView[]>;
}

interface Row {
  readonly signed: SignedManifest;
  readonly publishedAt: Milliseconds;
}

const APPS = 'app/';

export function registry({ journal, content, verify, validateProgram, read }: RegistryOptions): Registry {
  /** One at a time: two authors who claim a name at once must not both get it. */
  let turn: Promise<unknown> = Promise.resolve();

  const rows = async (prefix: string): Promise<readonly Row[]> => {
    const found: Row[] = [];
    for await (const { value } of journal.scan(prefix)) found.push(decode(value) as Row);
    return found.toSorted(newestFirst);
  };

  const row = async (app: string): Promise<Row | undefined> => {
    const value = await journal.get(`${APPS}${app}`);
    return value && (decode(value) as Row);
  };

  /** Of the versions that are no previews. */
  const newest = async (name: string): Promise<Row | undefined> => {
    const versions = await rows(`${APPS}${name}@`);
    return versions.find(({ signed: { manifest } }) => !manifest.version.includes('-'));
  };

  const admit = async (value: SignedManifest, publishedAt: Milliseconds): Promise<AppView> => {
    const signed = parseSignedManifest(value);
    verifyManifest(signed, verify);
    const { manifest, author } = signed;
    const app = appName(manifest);
    const versions = await rows(`${APPS}${manifest.name}@`);
    const owner = versions[0]?.signed.author ?? author;
    if (owner !== author)
      throw applicationErrors.APPLICATION_APP_OWNED({ name: manifest.name, author: owner });
    const known = versions.find((row) => row.signed.manifest.version === manifest.version);
    if (known !== undefined) {
      if (sameBytes(encode(known.signed.manifest), encode(manifest))) return view(known);
      throw applicationErrors.APPLICATION_APP_EXISTS({ app });
    }
    for (const { part, cid } of appBlocks(manifest)) {
      if (!(await content.has(cid))) throw applicationErrors.APPLICATION_APP_INCOMPLETE({ app, part, cid });
    }
    await validateProgram(manifest.program.cid, await read(manifest.program.cid, PROGRAM_BYTES_MAX));
    for (const { cid } of appBlocks(manifest)) await content.pin(cid);
    const row = { signed, publishedAt };
    await journal.commit({ puts: [{ key: `${APPS}${app}`, value: encode(row) }] });
    return view(row);
  };

  return {
    publish(app, now) {
      const published = turn.then(() => admit(app, now));
      turn = published.catch(() => {});
      return published;
    },

    async find(app) {
      const wanted = app.includes('@') ? await row(app) : await newest(app);
      if (wanted !== undefined) return wanted.signed.manifest;
      throw applicationErrors.APPLICATION_APP_UNKNOWN({ app, suggestion: suggest(app, await rows(APPS)) });
    },

    async list() {
      return (await rows(APPS)).map(view);
    },
  };
}

function view({ signed: { manifest, author }, publishedAt }: Row): AppView {
  const { title, description, category } = manifest;
  return { app: appName(manifest), title, description, category, author: author as OwnerId, publishedAt };
}

function newestFirst({ signed: { manifest: one } }: Row, { signed: { manifest: other } }: Row): number {
  if (one.name !== other.name) return one.name < other.name ? -1 : 1;
  return compareVersions(other.version, one.version);
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

/** Names that a slip of the hand is away: a third of the letters, and at least two. */
function suggest(app: string, rows: readonly Row[]): string {
  const near = rows
    .map(({ signed: { manifest } }) => appName(manifest))
    .map((name) => ({
      name,
      distance: editDistance(app, app.includes('@') ? name : (name.split('@')[0] ?? name)),
    }))
    .filter(({ distance }) => distance <= Math.max(2, Math.floor(app.length / 3)))
    .toSorted((one, other) => one.distance - other.distance)
    .slice(0, 3)
    .map(({ name }) => name);
  return near.length === 0 ? '' : ` Did you mean ${near.join(' or ')}?`;
}

/** Levenshtein's distance, row by row. */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let at = 0; at < one.length; at++) {
    const next = [at + 1];
    for (let to = 0; to < other.length; to++) {
      const replaced = (row[to] ?? 0) + (one[at] === other[to] ? 0 : 1);
      next.push(Math.min(replaced, (row[to + 1] ?? 0) + 1, (next[to] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
