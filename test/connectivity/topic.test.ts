import t from 'tap';
import { encode, seededRandom, simulatedClock } from '../../src/actors/index.ts';
import {
  createMemoryNetworks,
  type GossipMessage,
  type Network,
  type PeerId,
  topic,
  type Validity,
} from '../../src/connectivity/index.ts';

interface Weather {
  readonly degrees: number;
}

const weather = topic<Weather>({
  name: 'conun/test-weather/1',
  parse: (value) => {
    const degrees = (value as Partial<Weather> | null)?.degrees;
    if (typeof degrees !== 'number') throw new TypeError('no weather');
    return { degrees };
  },
});

function pair() {
  const clock = simulatedClock(0);
  const hub = createMemoryNetworks({ clock, random: seededRandom('topic') });
  return { clock, a: hub.join('a' as PeerId), b: hub.join('b' as PeerId) };
}

t.test('values go in and come out, with their speaker', async (t) => {
  const { clock, a, b } = pair();
  const heard: unknown[] = [];
  const leave = weather.subscribe(b, (one) => heard.push(one));
  await weather.publish(a, { degrees: 21 });
  clock.advance(1);
  t.same(heard, [{ from: 'a', value: { degrees: 21 } }]);
  leave();
  await weather.publish(a, { degrees: 22 });
  clock.advance(1);
  t.equal(heard.length, 1);
});

t.test('what is not of the schema never reaches validation', async (t) => {
  const { clock, a, b } = pair();
  const judged: Weather[] = [];
  const heard: Weather[] = [];
  const validate = ({ value }: { readonly value: Weather }): Validity => {
    judged.push(value);
    return value.degrees > 50 ? 'reject' : 'accept';
  };
  weather.subscribe(b, ({ value }) => heard.push(value), validate);
  for (const bytes of [encode({ degrees: 'hot' }), encode(null), Uint8Array.of(0xff), new Uint8Array()]) {
    await a.publish(weather.name, bytes);
  }
  await weather.publish(a, { degrees: 99 });
  await weather.publish(a, { degrees: 9 });
  clock.advance(1);
  t.same(judged, [{ degrees: 99 }, { degrees: 9 }]);
  t.same(heard, [{ degrees: 9 }]);
});

t.test('what is not of the schema counts against whoever sent it', (t) => {
  const { a } = pair();
  let judge: (message: GossipMessage) => Validity = () => 'ignore';
  const network: Network = {
    ...a,
    subscribe: (_name: string, validate: typeof judge) => {
      judge = validate;
      return () => undefined;
    },
  };
  weather.subscribe(network, () => undefined);
  t.equal(judge({ from: a.self, bytes: encode(1) }), 'reject');
  t.equal(judge({ from: a.self, bytes: encode({ degrees: 1 }) }), 'accept');
  t.end();
});

t.test('a value can travel in another form', async (t) => {
  const { clock, a, b } = pair();
  const bytes = topic<bigint>({
    name: 'conun/test-big/1',
    parse: (value) => BigInt(String(value)),
    encode: (value) => value.toString(),
  });
  const heard: bigint[] = [];
  bytes.subscribe(b, ({ value }) => heard.push(value));
  await bytes.publish(a, 2n ** 80n);
  clock.advance(1);
  t.same(heard, [2n ** 80n]);
});
