/** Tasks on their way to a provider: what tasks of one kind share travels once in each bundle. */

import { digestOf } from '../actors/index.ts';
import type { Bytes, Digest } from '../actors/index.ts';
import type { Task, TaskCommon } from '../fabric/index.ts';
import { commonBytes, countForBundle, taskBytes } from './bundling.ts';
import type { AssignBundle } from './lease-wire.ts';

/** Units of one batch usually share the very object, so its digest is worked out once. */
const digests = new WeakMap<TaskCommon, Digest>();

/** In the given order, cut where a message would become too large. */
export function assignBundles(tasks: readonly Task[]): readonly AssignBundle[] {
  const bundles: AssignBundle[] = [];
  for (let rest = tasks; rest.length > 0; ) {
    const count = countForBundle(rest, sizeWithCommons());
    bundles.push(bundleOf(rest.slice(0, count)));
    rest = rest.slice(count);
  }
  return bundles;
}

function bundleOf(tasks: readonly Task[]): AssignBundle {
  const commons: TaskCommon[] = [];
  const positions = new Map<Digest, number>();
  const assigned = tasks.map(({ id, common, args, files, seed }) => {
    const digest = digestOfCommon(common);
    let position = positions.get(digest);
    if (position === undefined) {
      position = commons.push(common) - 1;
      positions.set(digest, position);
    }
    return { id, common: position, args, files, seed };
  });
  return { commons, tasks: assigned };
}

/** Counts a common with the first task that needs it. */
function sizeWithCommons(): (task: Task) => Bytes {
  const seen = new Set<Digest>();
  return (task) => {
    const digest = digestOfCommon(task.common);
    if (seen.has(digest)) return taskBytes(task);
    seen.add(digest);
    return taskBytes(task) + commonBytes(task.common);
  };
}

/** Worked out once for each object. */
export function digestOfCommon(common: TaskCommon): Digest {
  let digest = digests.get(common);
  if (digest === undefined) {
    digest = digestOf(common);
    digests.set(common, digest);
  }
  return digest;
}
