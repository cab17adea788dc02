/** Assigned tasks as this machine takes them in: under the executor's names, or refused by its policy. */

import type { PeerId } from '../connectivity/index.ts';
import type { Task, TaskCommon } from '../fabric/index.ts';
import type { AssignBundle, Return } from './lease-wire.ts';
import type { Judgement } from './policy.ts';
import { failedReturn } from './return-draft.ts';
import { executorName } from './task-names.ts';

export interface Intake {
  readonly accepted: readonly Task[];
  readonly refused: readonly Return[];
}

/** `from`: who has what the tasks name by address. A common is judged once, for all tasks that share it. */
export function takeIn(
  { commons, tasks }: AssignBundle,
  prefix: string,
  from: PeerId,
  judge: (common: TaskCommon) => Judgement,
): Intake {
  const judgements = commons.map(judge);
  const accepted: Task[] = [];
  const refused: Return[] = [];
  for (const { id, common, args, files, seed } of tasks) {
    const judgement = judgements[common]!;
    if (judgement.allowed) {
      accepted.push({ id: executorName(prefix, id), common: commons[common]!, args, files, seed, from });
    } else {
      const { code, sentence: message } = judgement;
      refused.push(failedReturn(id, { code, message, stderr: '' }));
    }
  }
  return { accepted, refused };
}
