/**
 * The other process of `blocks.throughput`: offers one content, says where and what, and ends with its
 * parent.
 */

import { systemClock, systemRandom } from '../src/actors/index.ts';
import { openBlocks } from '../src/connectivity/index.ts';
import { bareNode } from '../test/connectivity/bare-node.ts';

const [path, bytes] = [process.argv[2]!, Number(process.argv[3])];
const libp2p = await bareNode();
const blocks = await openBlocks({ libp2p, path, quotaBytes: 2 * bytes, clock: systemClock() });
const cid = await blocks.put(systemRandom().bytes(bytes));
process.on('disconnect', () => process.exit());
process.send!({ address: libp2p.getMultiaddrs()[0]!.toString(), cid });
