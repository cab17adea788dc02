/**
 * The researcher's and the author's verbs, bound to this node's broker, registry and plugins.
 *
 * Everything that can be wrong with a submission is found before the broker hears of it: file, app, inputs,
 * and the plugin's own word on the parameters. What the broker has answered is accepted, and nothing accepted
 * is lost.
 */

import {
  type ActorRef,
  ask,
  type Clock,
  type Fault,
  type Milliseconds,
  MINUTE_MS,
  type Random,
  SECOND_MS,
} from '../actors/index.ts';
import type {
  BatchId,
  BatchNews,
  BatchSpec,
  BatchView,
  BrokerMail,
  Explanation,
  ProviderView,
  UnitIndex,
  UnitResult,
} from '../collective/index.ts';
import type { Cid, ContentStore, TaskFile } from '../fabric/index.ts';
import { parseBatchFile } from './batch-file.ts';
import { batchSpec, type StoredInput, withShared } from './batch-spec.ts';
import { withinTime } from './deadline.ts';
import { applicationErrors } from './errors.ts';
import { appName } from './manifest.ts';
import { INPUTS_BYTES_MAX } from './plugin-wire.ts';
import type { Registry } from './registry.ts';
import type { Manifest, TaskApi } from './task-api.ts';

export interface TaskServiceOptions {
  readonly broker: ActorRef<BrokerMail>;
  readonly registry: Registry;
  readonly content: ContentStore;
  readonly clock: Clock;
  readonly random: Random;
  /** Of the app's plugin: see `pluginPorts`. */
  readonly shared: (spec: BatchSpec) => Promise<readonly TaskFile[]>;
  /** Verdicts in unit order, `after` exclusive. */
  readonly readResults: (
    batch: BatchId,
    page: { readonly after?: UnitIndex; readonly limit: number },
  ) => AsyncIterable<UnitResult>;
  /** Called once for each accepted batch: providers may hear of it. */
  readonly announce: (spec: BatchSpec) => void;
}

/** The broker answers within a turn and a disk sync. Longer than this, and it is in trouble. */
const ANSWER_MS: Milliseconds = 10 * SECOND_MS;
/** Inputs are on this node already, or on a peer that is connected. */
const INPUT_MS: Milliseconds = MINUTE_MS;
/** Units in one page. */
const PAGE_MAX = 1_000;

export function createTaskApi(options: TaskServiceOptions): TaskApi {
  const { broker, registry, clock } = options;
  const asked = <Reply>(makeMail: (reply: (answer: Reply | Fault) => void) => BrokerMail) =>
    ask<BrokerMail, Reply>(broker, makeMail, { timeoutMs: ANSWER_MS, clock });

  return {
    publish: (app) => registry.publish(app, clock.now()),
    apps: () => registry.list(),

    async submit({ file, inputs }) {
      const spec = await prepare(options, file, inputs);
      const view = await asked<BatchView>((reply) => ({ type: 'submit', spec, reply }));
      options.announce(spec);
      return view;
    },

    list: () => asked<readonly BatchView[]>((reply) => ({ type: 'list', reply })),
    show: (batch) => asked<BatchView>((reply) => ({ type: 'show', batch, reply })),
    cancel: (batch, reason) => asked<BatchView>((reply) => ({ type: 'cancel', batch, reason, reply })),
    explain: (batch, unit) => asked<Explanation>((reply) => ({ type: 'explain', batch, unit, reply })),
    providers: () => asked<readonly ProviderView[]>((reply) => ({ type: 'directory', reply })),

    async units(batch, { after, limit }) {
      // Asked first, so that an unknown batch is a fault and not an empty page.
      await asked<BatchView>((reply) => ({ type: 'show', batch, reply }));
      const page = { limit: Math.min(limit, PAGE_MAX), ...(after !== undefined && { after }) };
      const results: UnitResult[] = [];
      for await (const result of options.readResults(batch, page)) results.push(result);
      return results;
    },

    follow(listener) {
      let ended = false;
      const follower: ActorRef<BatchNews> = {
        path: '/task-api/follower',
        tell(news) {
          if (ended) return 'stopped';
          listener(news);
          return 'accepted';
        },
      };
      broker.tell({ type: 'follow', follower });
      return () => {
        ended = true;
      };
    },
  };
}

async function prepare(
  { registry, content, clock, random, shared }: TaskServiceOptions,
  text: string,
  given: Readonly<Record<string, Cid>>,
): Promise<BatchSpec> {
  const file = parseBatchFile(text);
  const manifest = await registry.find(file.app);
  checkNames(manifest, Object.keys(file.inputs));
  const inputs: StoredInput[] = [];
  for (const name of manifest.inputs) inputs.push(await storedInput(content, clock, name, given[name]));
  const spec = batchSpec({ file, manifest, inputs, submittedAt: clock.now(), random });
  const complete = withShared(spec, await shared(spec));
  for (const { cid } of inputs) await content.pin(cid);
  return complete;
}

/** Throws unless exactly the inputs that the app needs are named. */
export function checkNames(manifest: Manifest, names: readonly string[]): void {
  const app = appName(manifest);
  const missing = manifest.inputs.find((input) => !names.includes(input));
  if (missing !== undefined) throw applicationErrors.APPLICATION_INPUT_MISSING({ app, input: missing });
  const input = names.find((name) => !manifest.inputs.includes(name));
  const known = manifest.inputs.join(', ') || 'none';
  if (input !== undefined) throw applicationErrors.APPLICATION_INPUT_UNKNOWN({ app, input, known });
}

async function storedInput(
  content: ContentStore,
  clock: Clock,
  name: string,
  cid: Cid | undefined,
): Promise<StoredInput> {
  if (cid === undefined || !(await content.has(cid))) {
    throw applicationErrors.APPLICATION_INPUT_NOT_STORED({ input: name, cid: cid ?? 'no address given' });
  }
  const bytes = await withinTime(clock, INPUT_MS, (signal) =>
    content.get(cid, { bytesMax: INPUTS_BYTES_MAX, signal }),
  );
  return { name, cid, bytes: bytes.length };
}
