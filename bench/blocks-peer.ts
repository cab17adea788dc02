/**
 * The other process of `blocks.throughput`: offers one content, says where and what, and ends with its
 * parent.
 */

import { systemRandom } from '../src/actors/index.ts';
import { blocksNode } from './blocks-node.ts';

const [path, bytes] = [process.argv[2]!, Number(process.argv[3])];
const { network, blocks } = await blocksNode(path, 2 * bytes);
const cid = await blocks.put(systemRandom().bytes(bytes));
process.on('disconnect', () => process.exit());
process.send!({ peer: network.self, addresses: network.addresses(), cid });
