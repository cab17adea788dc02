/** On the contracts themselves, on a real chain. */

import t from 'tap';
import { anvilMissing } from '../resource/anvil.ts';
import { anvilChain } from './paid-chains.ts';
import { tellStory } from './paid-story.ts';

const missing = await anvilMissing();
if (missing === undefined) await tellStory(anvilChain);
else t.plan(0, missing);
