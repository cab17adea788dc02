/** The ledger on the chain that the configuration names; its intents are in the node's own journal. */

import { openEvmLedger } from '../resource/index.ts';
import type { OpenLedger } from './money.ts';

export const openChainLedger: OpenLedger = ({ config, clock, journal, inspect }, { place, signers }) =>
  openEvmLedger({ ...place, pollMs: config.chain.pollMs, journal, signers, clock, inspect });
