/** `conun status`: this node and its batches; or one batch in full. */

import type { BatchView } from '../../collective/index.ts';
import type { Content } from '../../fabric/index.ts';
import type { ApiClient } from '../api/client.ts';
import type { GovernorView, IdentityView } from '../node.ts';
import { duration, many, moment, size, unitFigure } from './figures.ts';
import type { Run } from './invocation.ts';
import { plain, table } from './table.ts';

export const run: Run = async (call) => {
  const client = await call.client();
  const [batch] = call.arguments;
  if (batch !== undefined) {
    const view = await client.batch(batch);
    await call.answer(view, () => batchText(view));
    return undefined;
  }
  const status = await nodeStatus(client);
  await call.answer(status, () => nodeText(status));
  return undefined;
};

interface NodeStatus {
  readonly node: IdentityView;
  readonly governor: GovernorView;
  readonly tasks: number;
  readonly leases: number;
  readonly peers: number;
  readonly batches: readonly BatchView[];
}

async function nodeStatus(client: ApiClient): Promise<NodeStatus> {
  const [node, machine, tasks, leases, peers, batches] = await Promise.all([
    client.node(),
    client.machine(),
    client.tasks(),
    client.leases(),
    client.peers(),
    client.batches(),
  ]);
  const connected = peers.filter((peer) => peer.connected).length;
  const running = tasks.filter((task) => task.state === 'running').length;
  return {
    node,
    governor: machine.governor,
    tasks: running,
    leases: leases.length,
    peers: connected,
    batches,
  };
}

function nodeText({ node, governor, tasks, leases, peers, batches }: NodeStatus): string {
  const head = [
    `${plain(node.name)}  ${node.peer}`,
    ...node.addresses,
    `${node.roles.join(', ') || 'no role'}; ${governor.state}: ${governor.reason}`,
    `${many(tasks, 'task')} running, ${many(leases, 'lease')}, ${many(peers, 'peer')} connected`,
    '',
  ];
  return [...head, batches.length === 0 ? 'No batches.' : batchTable(batches)].join('\n');
}

function batchTable(batches: readonly BatchView[]): string {
  return table(batches, [
    { title: 'BATCH', cell: (it) => it.batch },
    { title: 'NAME', cell: (it) => it.name },
    { title: 'APP', cell: (it) => it.app },
    { title: 'PHASE', cell: (it) => it.phase },
    { title: 'UNITS', cell: (it) => unitFigure(it.counts), right: true },
    { title: 'FAILED', cell: (it) => String(it.counts.failed), right: true },
    { title: 'SUBMITTED', cell: (it) => moment(it.submittedAt) },
  ]);
}

function batchText(view: BatchView): string {
  const { counts } = view;
  const took = view.endedAt === null ? '' : `, took ${duration(view.endedAt - view.submittedAt)}`;
  const lines = [
    `${view.batch}  ${plain(view.name)}  ${view.app}`,
    `${view.phase}${view.reason === null ? '' : `: ${plain(view.reason)}`}`,
    `submitted ${moment(view.submittedAt)}${took}`,
    `units     ${unitFigure(counts)} final: ${counts.agreed} agreed, ${counts.failed} failed, ` +
      `${counts.cancelled} cancelled; ${counts.active} active`,
    `replicas  ${counts.replicasAssigned} assigned, ${counts.replicasReturned} returned, ` +
      `${counts.replicasLost} lost, ${counts.replicasDisagreed} wrong`,
  ];
  if (view.files.length === 0) return lines.join('\n');
  const files = table(view.files, [
    { title: 'FILE', cell: (file) => file.path },
    { title: 'SIZE', cell: (file) => size(bytesOf(file.content)), right: true },
  ]);
  return [...lines, '', files, '', `→ conun results ${view.batch}`].join('\n');
}

function bytesOf(content: Content): number {
  return 'cid' in content ? content.bytes : content.inline.length;
}
