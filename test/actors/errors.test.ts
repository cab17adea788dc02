import t from 'tap';
import { actorsErrors } from '../../src/actors/index.ts';

t.test('each error of the kernel has its layer in its code, says something and what to do', async (t) => {
  for (const [code, { says, todo }] of Object.entries(actorsErrors.entries)) {
    t.match(code, /^ACTORS_[A-Z_]+$/);
    t.match(says, /\.$/, `${code} says a sentence`);
    t.match(todo, /\.$/, `${code} has something to do`);
  }
});
