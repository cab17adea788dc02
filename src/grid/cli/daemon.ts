/** `conun daemon`: this node, in the foreground, until SIGTERM, Ctrl-C or `conun stop`. */

import type { Invocation, Run } from './invocation.ts';

/** Named options for what is set most often; `--set` reaches everything. */
const MEMBER_BY_OPTION: Readonly<Record<string, string>> = {
  name: 'name',
  roles: 'roles',
  listen: 'network.listen',
  bootstrap: 'network.bootstrap',
  slots: 'provider.slots',
  logLevel: 'log.level',
};

export const run: Run = async (call) => {
  const { config, warnings } = await call.config(flagsOf(call));
  for (const warning of warnings) call.note(`conun: ${warning}`);
  const { runDaemon } = await import('../daemon.ts');
  await runDaemon(config);
  return undefined;
};

function flagsOf(call: Invocation): Record<string, string> {
  const flags: Record<string, string> = {};
  for (const [option, member] of Object.entries(MEMBER_BY_OPTION)) {
    const value = call.text(option);
    if (value !== undefined) flags[member] = value;
  }
  return flags;
}
