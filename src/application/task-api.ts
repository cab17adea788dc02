/**
 * What the application layer offers to faces (HTTP, command line, pages): a researcher's and an author's
 * verbs.
 */

import type { Bytes, Milliseconds } from '../actors/index.ts';
import type {
  BatchId,
  BatchNews,
  BatchView,
  Explanation,
  ProviderView,
  UnitIndex,
  UnitResult,
} from '../collective/index.ts';
import type { OwnerId } from '../connectivity/index.ts';
import type { Cid } from '../fabric/index.ts';

/**
 * What an author publishes: content addresses, signed. `name@version` never changes its meaning for one
 * author.
 */
export interface Manifest {
  /** Lower-case letters, digits and hyphens; at most 40. */
  readonly name: string;
  /** Semantic version, exact. */
  readonly version: string;
  readonly title: string;
  readonly description: string;
  readonly category: string;
  readonly license: string;
  /** The bundled plugin, one ES module. */
  readonly plugin: Cid;
  /** The runnable form. */
  readonly program: { readonly sandbox: 'wasm'; readonly cid: Cid; readonly bytes: Bytes };
  readonly compare: 'digest' | 'plugin';
  /** Names of the inputs that a batch file must give. */
  readonly inputs: readonly string[];
  readonly limits: {
    readonly memoryBytesMax: Bytes;
    readonly runMsMax: Milliseconds;
    readonly outputBytesMax: Bytes;
    readonly logBytesMax: Bytes;
  };
}

export interface SignedManifest {
  readonly manifest: Manifest;
  readonly author: OwnerId;
  /** By the author's key over the manifest's canonical encoding. */
  readonly signature: Uint8Array;
}

export interface AppView {
  readonly app: string;
  readonly title: string;
  readonly description: string;
  readonly category: string;
  readonly author: OwnerId;
  readonly publishedAt: Milliseconds;
}

export interface SubmitRequest {
  /** The batch file's text, YAML. */
  readonly file: string;
  /** Each input the batch file names, already stored. */
  readonly inputs: Readonly<Record<string, Cid>>;
}

export interface TaskApi {
  publish(app: SignedManifest): Promise<AppView>;
  apps(): Promise<readonly AppView[]>;
  submit(request: SubmitRequest): Promise<BatchView>;
  list(): Promise<readonly BatchView[]>;
  show(batch: BatchId): Promise<BatchView>;
  cancel(batch: BatchId, reason: string): Promise<BatchView>;
  explain(batch: BatchId, unit: UnitIndex): Promise<Explanation>;
  providers(): Promise<readonly ProviderView[]>;
  /** Verdicts with provenance, in unit order, `after` exclusive. */
  units(
    batch: BatchId,
    page: { readonly after?: UnitIndex; readonly limit: number },
  ): Promise<readonly UnitResult[]>;
  /** Returns what ends it. */
  follow(listener: (news: BatchNews) => void): () => void;
}
