/** The ledger on the chain that the configuration names; its intents are in the node's own journal. */

import { openEvmLedger } from '../resource/index.ts';
import type { OpenLedger } from './money.ts';

export const openChainLedger: OpenLedger = ({ clock, journal, inspect }, { place, signers }) =>
  openEvmLedger({ ...place, journal, signers, clock, inspect });
