/** `conun explain`: why a unit is where it is, in the words of the code that decides. */

import type { Explanation } from '../../collective/index.ts';
import { gridErrors } from '../errors.ts';
import { brief, moment } from './figures.ts';
import type { Run } from './invocation.ts';
import { plain, table } from './table.ts';

export const run: Run = async (call) => {
  const [batch, given] = call.arguments;
  const unit = Number(given);
  if (!Number.isSafeInteger(unit) || unit < 0) {
    throw gridErrors.GRID_ARGUMENT_INVALID({
      argument: 'unit',
      reason: `${given} is no unit; they count from 0`,
    });
  }
  const client = await call.client();
  const explanation = await client.explain(batch!, unit);
  await call.answer(explanation, () => explanationText(explanation));
  return undefined;
};

function explanationText(it: Explanation): string {
  const lines = [
    `unit ${it.unit} of ${it.batch} is ${it.state}`,
    ...it.reasons.map((why) => `  ${plain(why)}`),
  ];
  const replicas = table(it.replicas, [
    { title: 'REPLICA', cell: (replica) => String(replica.ordinal), right: true },
    { title: 'PROVIDER', cell: (replica) => (replica.provider === null ? '-' : brief(replica.provider)) },
    { title: 'STATE', cell: (replica) => replica.state },
    { title: 'SINCE', cell: (replica) => moment(replica.since) },
  ]);
  const candidates = table(it.candidates, [
    { title: 'CANDIDATE', cell: (candidate) => brief(candidate.provider) },
    { title: 'SCORE', cell: ({ score }) => (score === null ? 'no' : score.toFixed(2)), right: true },
    { title: 'BECAUSE', cell: (candidate) => candidate.reasons.join('; ') },
  ]);
  if (it.replicas.length > 0) lines.push('', replicas);
  if (it.candidates.length > 0) lines.push('', candidates);
  return lines.join('\n');
}
