/**
 * One call of one command: its arguments, and lazy ways to the configuration, the daemon and the output.
 *
 * Modules are loaded when they are needed, because most of a short command's time is loading.
 */

import type { ApiClient } from '../api/client.ts';
import type { LoadedConfig } from '../config.ts';
import type { Io } from './io.ts';

export type Options = Readonly<Record<string, unknown>>;

/** What a command file exports as `run`. Resolves to the exit code when it is not 0. */
export type Run = (call: Invocation) => Promise<number | undefined>;

/** All commands, as commander holds them: what completion is made from. */
export interface CommandTree {
  name(): string;
  description(): string;
  readonly commands: readonly CommandTree[];
  readonly options: readonly {
    readonly long?: string | undefined;
    readonly flags: string;
    readonly description: string;
  }[];
}

export class Invocation {
  readonly io: Io;
  readonly arguments: readonly string[];
  readonly options: Options;
  readonly tree: CommandTree;

  constructor(io: Io, tree: CommandTree, given: readonly string[], options: Options) {
    this.tree = tree;
    this.io = io;
    this.arguments = given;
    this.options = options;
  }

  /** Whether the output is for programs: one JSON document, or one a line. */
  get json(): boolean {
    return this.options['json'] === true;
  }

  text(name: string): string | undefined {
    const value = this.options[name];
    return typeof value === 'string' ? value : undefined;
  }

  async config(flags: Readonly<Record<string, string>> = {}): Promise<LoadedConfig> {
    const { loadConfig } = await import('../config.ts');
    const set = (this.options['set'] ?? {}) as Record<string, string>;
    return loadConfig({ home: this.text('home'), env: this.io.env, flags: { ...set, ...flags } });
  }

  async client(): Promise<ApiClient> {
    const { apiClient } = await import('../api/client.ts');
    const { config } = await this.config();
    return apiClient(config.api.socket);
  }

  say(text: string): void {
    this.io.stdout.write(`${text}\n`);
  }

  /** For people, on the side: not part of the output that a program reads. */
  note(text: string): void {
    this.io.stderr.write(`${text}\n`);
  }

  async document(value: unknown): Promise<void> {
    const { toJson } = await import('../api/codec.ts');
    this.say(toJson(value));
  }

  /** One JSON document, or the text for people, which is made only when it is wanted. */
  async answer(value: unknown, forPeople: () => string): Promise<void> {
    if (this.json) await this.document(value);
    else this.say(forPeople());
  }
}
