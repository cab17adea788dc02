/**
 * Where a node's configuration comes from, in one place: flags before environment before file before
 * defaults.
 *
 * Everything behind this gate gets one object that is validated, complete and frozen, with no question left
 * open. Each error names the source and the member, because the person who meets it has to know which file
 * to open.
 */

import { readFile } from 'node:fs/promises';
import { availableParallelism, homedir, hostname, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import type { Bytes } from '../actors/index.ts';
import { type ConfigMember, configMembers, configSchema, type ParsedConfig } from './config-schema.ts';
import { gridErrors } from './errors.ts';

export type ConfigSource = 'flag' | 'environment' | 'file' | 'default';

export interface ConfigPaths {
  /** `CONUN_HOME` or `--home` when given, else the data folder. */
  readonly home: string;
  /** Keys and `config.yaml`. */
  readonly config: string;
  /** Journal, blocks. */
  readonly data: string;
  /** Sockets and locks. */
  readonly runtime: string;
  readonly file: string;
}

export interface Config extends Omit<ParsedConfig, 'name' | 'provider' | 'api'> {
  readonly paths: ConfigPaths;
  readonly name: string;
  readonly provider: Omit<ParsedConfig['provider'], 'slots'> & { readonly slots: number };
  readonly api: {
    readonly socket: string;
    /** On 127.0.0.1; `null`: not at all. */
    readonly tcpPort: number | null;
    readonly tokenFile: string;
  };
}

export interface LoadedConfig {
  readonly config: Config;
  /** Member name to where its value came from. */
  readonly sources: ReadonlyMap<string, ConfigSource>;
  /** Sentences about what was given and has no effect. */
  readonly warnings: readonly string[];
}

export interface ConfigRequest {
  readonly home?: string | undefined;
  /** Member name to text: `{ 'network.listen': '/ip4/127.0.0.1/tcp/4400' }`. */
  readonly flags?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly host?: HostFacts;
}

/** What defaults depend on; given in tests. */
export interface HostFacts {
  readonly hostname: string;
  readonly homeFolder: string;
  readonly processors: number;
  readonly memoryBytes: Bytes;
}

/** Variables that are ours but no member of the configuration. */
const OTHER_VARIABLES: ReadonlySet<string> = new Set([
  'CONUN_HOME',
  'CONUN_DEBUG',
  'CONUN_NODE',
  'CONUN_WALLET_AGENT',
]);

/** Rejects with `GRID_CONFIG_INVALID` or `GRID_CONFIG_UNREADABLE`. */
export async function loadConfig(request: ConfigRequest = {}): Promise<LoadedConfig> {
  const env = request.env ?? process.env;
  const host = request.host ?? hostFacts();
  const members = configMembers();
  const paths = configPaths(request.home, env, host);
  const merged = new Merged(paths.file, members);
  merged.addTree(await readConfigFile(paths.file));
  merged.addTexts('environment', environmentTexts(members, env));
  merged.addTexts('flag', request.flags ?? {});
  const parsed = configSchema.safeParse(merged.tree);
  if (!parsed.success) throw merged.refusal(parsed.error.issues);
  return {
    config: deepFreeze(complete(parsed.data, paths, host)),
    sources: merged.sources,
    warnings: unknownVariables(members, env),
  };
}

/** The folders, after the XDG base directory specification; one home folder overrides them all. */
export function configPaths(
  home: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  host: HostFacts,
): ConfigPaths {
  const chosen = home || env['CONUN_HOME'];
  if (chosen) {
    const root = resolve(chosen);
    const file = join(root, 'config.yaml');
    return { home: root, config: root, data: join(root, 'data'), runtime: join(root, 'run'), file };
  }
  const config = join(env['XDG_CONFIG_HOME'] || join(host.homeFolder, '.config'), 'conun');
  const data = join(env['XDG_DATA_HOME'] || join(host.homeFolder, '.local', 'share'), 'conun');
  // Without a session (a service, a container) there is no runtime folder; the data folder is as private.
  const runtime = env['XDG_RUNTIME_DIR'] ? join(env['XDG_RUNTIME_DIR'], 'conun') : join(data, 'run');
  return { home: data, config, data, runtime, file: join(config, 'config.yaml') };
}

function hostFacts(): HostFacts {
  const processors = availableParallelism();
  return { hostname: hostname(), homeFolder: homedir(), processors, memoryBytes: totalmem() };
}

async function readConfigFile(file: string): Promise<unknown> {
  try {
    return parseYaml(await readFile(file, 'utf8'), { maxAliasCount: 100 }) ?? {};
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw gridErrors.GRID_CONFIG_UNREADABLE({ file, reason: (error as Error).message }, error);
  }
}

function environmentTexts(
  members: readonly ConfigMember[],
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const { name, variable } of members) {
    const text = env[variable];
    if (text !== undefined) texts[name] = text;
  }
  return texts;
}

function unknownVariables(
  members: readonly ConfigMember[],
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const known = new Set(members.map((member) => member.variable));
  const isUnknown = (name: string) =>
    name.startsWith('CONUN_') && !known.has(name) && !OTHER_VARIABLES.has(name);
  return Object.keys(env)
    .filter(isUnknown)
    .map((name) => `The environment variable ${name} is no member of the configuration and has no effect.`);
}

function complete(parsed: ParsedConfig, paths: ConfigPaths, host: HostFacts): Config {
  // Half of the memory stays with the owner of the machine, whatever the number of processors.
  const slotsByMemory = Math.floor(host.memoryBytes / 2 / parsed.provider.memoryPerSlot);
  const slots = parsed.provider.slots ?? Math.max(1, Math.min(host.processors, slotsByMemory));
  return {
    ...parsed,
    paths,
    name: parsed.name ?? host.hostname,
    provider: { ...parsed.provider, slots },
    chain: { ...parsed.chain, contracts: parsed.chain.contracts && resolve(parsed.chain.contracts) },
    api: {
      socket: resolve(parsed.api.socket ?? join(paths.runtime, 'api.sock')),
      tcpPort: parsed.api.tcpPort,
      tokenFile: resolve(parsed.api.tokenFile ?? join(paths.config, 'api-token')),
    },
  };
}

type Tree = Record<string, unknown>;

/** The sources laid over one another, and which of them each member came from. */
class Merged {
  readonly sources = new Map<string, ConfigSource>();
  #tree: unknown = {};
  readonly #file: string;
  readonly #members: ReadonlyMap<string, ConfigMember>;

  constructor(file: string, members: readonly ConfigMember[]) {
    this.#file = file;
    this.#members = new Map(members.map((member) => [member.name, member]));
    for (const { name } of members) this.sources.set(name, 'default');
  }

  get tree(): unknown {
    return this.#tree;
  }

  addTree(tree: unknown): void {
    this.#tree = tree;
    for (const name of this.#members.keys()) {
      if (valueAt(tree, name.split('.')) !== undefined) this.sources.set(name, 'file');
    }
  }

  addTexts(source: ConfigSource, texts: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(texts)) {
      const member = this.#members.get(name);
      if (member === undefined) {
        const reason = 'there is no such member';
        throw gridErrors.GRID_CONFIG_INVALID({ source: this.#label(source, name), member: name, reason });
      }
      this.#tree = withValue(this.#tree, name.split('.'), readText(member, text));
      this.sources.set(name, source);
    }
  }

  refusal(issues: readonly Issue[]): Error {
    const [first, ...others] = issues.flatMap((issue) => this.#complaints(issue));
    const also = others.map((it) => `; ${it.source}: ${it.member}: ${it.reason}`).join('');
    return gridErrors.GRID_CONFIG_INVALID({ ...first!, reason: first!.reason + also });
  }

  #complaints(issue: Issue): { source: string; member: string; reason: string }[] {
    const at = issue.path.map(String);
    if (issue.keys !== undefined) {
      return issue.keys.map((key) => {
        const member = [...at, key].join('.');
        return { source: this.#file, member, reason: 'there is no such member' };
      });
    }
    for (let length = at.length; length > 0; length--) {
      const name = at.slice(0, length).join('.');
      const source = this.sources.get(name);
      if (source !== undefined) {
        return [{ source: this.#label(source, name), member: at.join('.'), reason: issue.message }];
      }
    }
    return [{ source: this.#file, member: at.join('.') || 'the whole file', reason: issue.message }];
  }

  #label(source: ConfigSource, name: string): string {
    if (source === 'file') return this.#file;
    if (source === 'environment') return this.#members.get(name)?.variable ?? 'environment';
    return source === 'flag' ? `--set ${name}` : 'default';
  }
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
}

/**
 * Lists are separated by commas; numbers, booleans and objects are JSON, anything else is the text itself.
 */
function readText(member: ConfigMember, text: string): unknown {
  if (member.reads === 'text') return text;
  if (member.reads === 'list') {
    return text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  }
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function valueAt(tree: unknown, at: readonly string[]): unknown {
  return at.reduce<unknown>((node, key) => (isTree(node) ? node[key] : undefined), tree);
}

function withValue(tree: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  // A file that is not an object stays as it is, so that the schema can say so.
  if (tree !== undefined && tree !== null && !isTree(tree)) return tree;
  return { ...(tree as Tree), [key]: withValue((tree as Tree | undefined)?.[key], rest, value) };
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
