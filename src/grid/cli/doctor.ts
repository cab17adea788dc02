/**
 * `conun doctor`: every member of the configuration with where it comes from, and a look at what usually goes
 * wrong. Changes nothing. Exits with 1 when something is wrong.
 */

import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ApiClient } from '../api/client.ts';
import { readToken } from '../api/local-socket.ts';
import type { Config, LoadedConfig } from '../config.ts';
import { configMembers } from '../config-schema.ts';
import { EXIT } from './exit-codes.ts';
import type { Invocation, Run } from './invocation.ts';
import { table } from './table.ts';

/** `note`: works, and may not be what is wanted. */
interface Finding {
  readonly state: 'ok' | 'note' | 'wrong';
  readonly about: string;
  readonly says: string;
}

export const run: Run = async (call) => {
  const loaded = await call.config();
  const members = membersOf(loaded);
  const findings = await examine(call, loaded);
  const { paths } = loaded.config;
  await call.answer({ paths, members, findings }, () => doctorText(loaded.config, members, findings));
  return findings.some((finding) => finding.state === 'wrong') ? EXIT.failed : EXIT.done;
};

interface MemberValue {
  readonly member: string;
  readonly value: unknown;
  readonly source: string;
}

function membersOf({ config, sources }: LoadedConfig): readonly MemberValue[] {
  return configMembers().map(({ name, variable }) => {
    const source = sources.get(name) ?? 'default';
    const value = name
      .split('.')
      .reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], config);
    return { member: name, value, source: source === 'environment' ? variable : source };
  });
}

async function examine(call: Invocation, { config, warnings }: LoadedConfig): Promise<readonly Finding[]> {
  const findings = await Promise.all([
    runtimeVersion(),
    folder('configuration', config.paths.config),
    folder('data', config.paths.data),
    folder('runtime', config.paths.runtime),
    daemon(await call.client()),
    ...(config.api.tcpPort === null ? [] : [token(config.api.tokenFile)]),
  ]);
  const notes = warnings.map((says): Finding => ({ state: 'note', about: 'environment', says }));
  return [...findings, ...notes, ...brokerAddress(config), ...waysIn(config)];
}

function runtimeVersion(): Finding {
  return { state: 'ok', about: 'node', says: `${process.version} on ${process.platform} ${process.arch}` };
}

async function folder(about: string, path: string): Promise<Finding> {
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined) {
    const parent = await nearestFolder(path);
    const writable = await isWritable(parent);
    const says = writable ? `${path} will be made` : `${path} cannot be made: ${parent} is not writable`;
    return { state: writable ? 'ok' : 'wrong', about, says };
  }
  if (!facts.isDirectory()) return { state: 'wrong', about, says: `${path} is no folder` };
  if (!(await isWritable(path))) return { state: 'wrong', about, says: `${path} is not writable` };
  const open = (facts.mode & 0o077) !== 0;
  const says = open ? `${path} can be read by others: chmod 700 closes it` : path;
  return { state: open ? 'note' : 'ok', about, says };
}

async function nearestFolder(path: string): Promise<string> {
  const parent = dirname(path);
  const exists = await stat(parent).then(
    () => true,
    () => parent === path,
  );
  return exists ? parent : nearestFolder(parent);
}

async function isWritable(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
}

async function daemon(client: ApiClient): Promise<Finding> {
  const about = 'daemon';
  try {
    const node = await client.node();
    return { state: 'ok', about, says: `${node.name} ${node.version} answers at ${client.socket}` };
  } catch (error) {
    return { state: 'note', about, says: `${(error as Error).message} Start it with \`conun daemon\`.` };
  }
}

async function token(file: string): Promise<Finding> {
  const about = 'api.tokenFile';
  return readToken(file).then(
    (): Finding => ({ state: 'ok', about, says: file }),
    (error: Error): Finding => ({ state: 'wrong', about, says: error.message }),
  );
}

function brokerAddress({ roles, network }: Config): readonly Finding[] {
  const changing = network.listen.some((address) => /\/(tcp|udp)\/0(\/|$)/.test(address));
  if (!roles.includes('broker') || !changing) return [];
  const says =
    'port 0 changes at each start; name a port if others keep this address in their bootstrap list';
  return [{ state: 'note', about: 'network.listen', says }];
}

function waysIn({ network, provider }: Config): readonly Finding[] {
  if (network.mdns || network.bootstrap.length > 0 || provider.brokers.length > 0) return [];
  const says = 'without mdns, bootstrap and brokers this node meets only who dials it';
  return [{ state: 'note', about: 'network.bootstrap', says }];
}

const MARKS = { ok: 'ok   ', note: 'note ', wrong: 'WRONG' } as const;

function doctorText(config: Config, members: readonly MemberValue[], findings: readonly Finding[]): string {
  const values = table(members, [
    { title: 'MEMBER', cell: (it) => it.member },
    { title: 'VALUE', cell: (it) => JSON.stringify(it.value ?? null) },
    { title: 'FROM', cell: (it) => it.source },
  ]);
  const found = findings.map(({ state, about, says }) => `${MARKS[state]}  ${about}: ${says}`);
  return [`file: ${config.paths.file}`, '', values, '', ...found].join('\n');
}
