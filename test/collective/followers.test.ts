import t from 'tap';
import type { Delivery } from '../../src/actors/index.ts';
import { openBatch } from '../../src/collective/batch-state.ts';
import type { BatchNews } from '../../src/collective/broker-mail.ts';
import { Followers, NEWS_INTERVAL_MS } from '../../src/collective/followers.ts';
import { sampleSpec } from './fakes/samples.ts';

function follower(answer: Delivery = 'accepted') {
  const news: BatchNews[] = [];
  const tell = (one: BatchNews) => {
    news.push(one);
    return answer;
  };
  return { news, ref: { path: '/follower', tell } };
}

t.test('a change of phase is told at once, counts a few times a second', async (t) => {
  const followers = new Followers();
  const state = openBatch(sampleSpec());
  t.match(followers.changed(state, 0), { type: 'changed', view: { phase: 'open' } });
  t.equal(followers.changed(state, 1), undefined);
  t.equal(followers.late, true);
  state.phase = 'merging';
  t.match(followers.changed(state, 2), { view: { phase: 'merging' } });
  t.equal(followers.late, false);
});

t.test('what came too early is told later', async (t) => {
  const followers = new Followers();
  const { news, ref } = follower();
  followers.add(ref);
  const state = openBatch(sampleSpec());
  followers.changed(state, 0);
  followers.changed(state, 1);
  state.cursor = 7;
  followers.catchUp(NEWS_INTERVAL_MS);
  t.match(news, [{ view: { counts: { drawn: 7 } } }]);
});

t.test('a follower that has stopped is forgotten', async (t) => {
  const followers = new Followers();
  const { news, ref } = follower('stopped');
  followers.add(ref);
  const one: BatchNews = followers.changed(openBatch(sampleSpec()), 0)!;
  followers.tell(one);
  followers.tell(one);
  t.equal(news.length, 1);
});

t.test('there is a limit to followers', async (t) => {
  const followers = new Followers();
  for (let one = 0; one < 1_024; one += 1) t.equal(followers.add(follower().ref), true);
  t.equal(followers.add(follower().ref), false);
});
