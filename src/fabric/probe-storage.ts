/** How much room the disk has on which the home is. */

import { statfs } from 'node:fs/promises';
import type { StorageReading } from './reading.ts';

export function storageProbe(home: string): () => Promise<StorageReading> {
  return async () => {
    const { bsize, blocks, bavail } = await statfs(home);
    return { kind: 'storage', bytesTotal: bsize * blocks, bytesFree: bsize * bavail };
  };
}
