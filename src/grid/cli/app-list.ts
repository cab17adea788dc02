/** `conun app list`: apps that this node knows. */

import type { Run } from './invocation.ts';
import { brief, moment } from './figures.ts';
import { table } from './table.ts';

export const run: Run = async (call) => {
  const client = await call.client();
  const apps = await client.apps();
  await call.answer(apps, () => {
    if (apps.length === 0) return 'No apps. Publish one with `conun app publish <folder>`.';
    return table(apps, [
      { title: 'APP', cell: (it) => it.app },
      { title: 'CATEGORY', cell: (it) => it.category },
      { title: 'AUTHOR', cell: (it) => brief(it.author) },
      { title: 'PUBLISHED', cell: (it) => moment(it.publishedAt) },
      { title: 'TITLE', cell: (it) => it.title },
    ]);
  });
  return undefined;
};
