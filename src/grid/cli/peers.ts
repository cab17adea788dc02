/** `conun peers`: who this node knows, and which of them serve its batches. */

import type { ProviderView } from '../../collective/index.ts';
import type { PeerView } from '../../connectivity/index.ts';
import { brief } from './figures.ts';
import type { Run } from './invocation.ts';
import { table } from './table.ts';

export const run: Run = async (call) => {
  const client = await call.client();
  const [peers, providers] = await Promise.all([client.peers(), client.providers()]);
  await call.answer({ peers, providers }, () => {
    if (peers.length === 0)
      return 'No peers known. See `network.bootstrap` and `network.mdns` in `conun doctor`.';
    return [peerTable(peers), ...(providers.length === 0 ? [] : ['', providerTable(providers)])].join('\n');
  });
  return undefined;
};

function peerTable(peers: readonly PeerView[]): string {
  return table(peers, [
    { title: 'PEER', cell: (it) => it.peer },
    { title: 'CONNECTED', cell: (it) => (it.connected ? 'yes' : 'no') },
    { title: 'PING', cell: ({ roundTripMs: ms }) => (ms === undefined ? '-' : `${ms} ms`), right: true },
    { title: 'ADDRESS', cell: (it) => it.addresses[0] ?? '-' },
  ]);
}

function providerTable(providers: readonly ProviderView[]): string {
  return table(providers, [
    { title: 'PROVIDER', cell: (it) => brief(it.provider) },
    { title: 'OWNER', cell: (it) => brief(it.owner) },
    { title: 'RUNNING', cell: (it) => String(it.running), right: true },
    { title: 'FREE', cell: (it) => String(it.free), right: true },
    { title: 'AGREED', cell: (it) => String(it.agreed), right: true },
    { title: 'WRONG', cell: (it) => String(it.disagreed), right: true },
    { title: 'LOST', cell: (it) => String(it.lost), right: true },
    { title: 'EXCLUDED', cell: (it) => it.excluded ?? '' },
  ]);
}
