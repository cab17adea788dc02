/** On the laws of the contracts, in memory. */

import { memoryChain } from './paid-chains.ts';
import { tellStory } from './paid-story.ts';

await tellStory(memoryChain);
